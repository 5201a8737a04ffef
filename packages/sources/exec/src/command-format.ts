/**
 * What to tell a program, and what its answer means: the protocol of a credential helper, given by value. Those of
 * `@auth/helpers` fit, and so does an object of your own. Both functions are pure.
 */
export interface CommandFormat<T, Request> {
  readonly name: string;
  /** `args` are appended to the command's own, `stdin` is written to it, `env` is set for it. */
  ask(
    request: Request,
    options?: { readonly interactive?: boolean },
  ): {
    readonly args?: readonly string[];
    readonly stdin?: string;
    readonly env?: Readonly<Record<string, string>>;
  };
  /** Throws `AuthError` for everything that is no complete answer; `source` names the provider, `now` is ms since 1970. */
  read(
    answer: { readonly exitCode: number; readonly stdout: Uint8Array },
    request: Request,
    context: { readonly source: string; readonly now: number },
  ): T;
}
