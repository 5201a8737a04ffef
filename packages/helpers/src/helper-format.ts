/** What a helper is told when it is run. */
export interface HelperCall {
  /** Appended to the helper's own arguments: the protocol's verb. */
  readonly args?: readonly string[];
  /** Written to its standard input, which is closed then. */
  readonly stdin?: string;
  /** Variables set for it. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What came back. */
export interface HelperAnswer {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
}

/** Who reads an answer, and when. */
export interface ReadContext {
  /** Name of the provider, for messages and `credential.source`. */
  readonly source: string;
  /** Wall clock, ms since 1970: what has expired by then is refused. */
  readonly now: number;
}

/**
 * A helper's protocol as two pure functions: what to ask, and what the answer means. `T` is what an answer becomes.
 *
 * Both take what is theirs by value and touch nothing else, so a format works with whatever runs the program.
 */
export interface HelperFormat<T, Request> {
  readonly name: string;
  /** `TypeError` for a request that the protocol cannot carry. */
  ask(request: Request, options?: { readonly interactive?: boolean }): HelperCall;
  /** `AuthError` for everything that is no complete answer; none of them quotes it. */
  read(answer: HelperAnswer, request: Request, context: ReadContext): T;
}

/** A request that is one: callers without types may hand in anything. */
export function asked<Request extends object>(request: Request): Request {
  if (typeof request !== "object" || request === null)
    throw new TypeError(
      "a helper's `request` is an object that says what is asked for; see the format's own",
    );
  return request;
}
