import type { Clock } from "@auth/core";

/** Where tokens come from in a measurement. Nothing it offers leaves this machine. */
export interface Desk {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For those that can only refresh. */
  readonly refreshToken: string;
  readonly fetch: typeof fetch;
  /** For those that take one. */
  readonly clock?: Clock;
}

/** A login in a file that many processes use. A lost one cannot be had again. */
export interface SharedLogin {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly path: string;
  readonly fetch: typeof fetch;
}

/** A library, set up and ready to be asked for a token. */
export interface Client {
  /** The call that is timed. */
  readonly token: () => Promise<unknown>;
  /** The text of what `token` resolved to. */
  readonly text: (token: never) => string;
  /** The token put where a request needs it. */
  readonly onRequest?: () => Promise<unknown>;
  /** A request to `refusingApi`, and whatever it does about the 401. */
  readonly onRefused?: () => Promise<unknown>;
  /** What its timer would do ahead of the expiry, where a timer is all that does it: no timer can be moved on. */
  readonly timer?: () => Promise<unknown>;
}

export interface Contender {
  /** The package. */
  readonly name: string;
  /** What exactly `token` is. */
  readonly what: string;
  /** What exactly `onRequest` is. */
  readonly request?: string;
  open(desk: Desk): Promise<Client>;
  /** How it shares a login between processes; a text says why it cannot. */
  readonly shared: SharedLogins | string;
}

export interface SharedLogins {
  /** What it keeps the login with. */
  readonly what: string;
  /** Puts a login into the file, with an access token that is of no use any more. */
  seed(login: SharedLogin, refreshToken: string): Promise<void>;
  open(login: SharedLogin): Promise<Client>;
}

/** The scopes that every login of a measurement has. */
export const scopes = ["openid", "profile", "offline_access"];

/** An API that says 401 to each token; the desk's `fetch` answers for it. */
export const refusingApi = "https://api.example/refused";
