/** What a process needs to know about a login that it shares with another one. */
export interface LoginPlace {
  readonly name: string;
  readonly issuer: string;
  readonly api: string;
  /** The file that the login left behind: a refresh token. */
  readonly login: string;
  /** Where `with-auth` keeps what became of it. */
  readonly tokens: string;
}
