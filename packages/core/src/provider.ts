import type { Credential } from "./credential.ts";
import type { Attempt, AuthErrorCode } from "./errors.ts";

declare global {
  // As TypeScript declares them in esnext.disposable, for programs that are compiled without it.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}

/** What a caller may say about one read. Nothing here changes whose credential it is: that belongs to the factory. */
export interface GetOptions {
  /** Ends this caller's wait; the read rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Read past every cache on the way. */
  readonly forceRefresh?: boolean | undefined;
  /** The types of credential that the caller can use: for advice in messages, which need not name any other. */
  readonly accepts?: readonly Credential["type"][] | undefined;
  /** Hears of each link that a chain passes over during this read. */
  readonly onPassedOver?: ((link: Attempt) => void) | undefined;
}

/**
 * The one interface of this library: something that knows a credential, or how to find it.
 *
 * `name` and `get` are required; every other member is an ability that a provider may have. A provider keeps no copy of
 * what it read (wrap it in `cached` for that), its `get` may be called concurrently, and its result is read-only.
 *
 * @example
 * ```ts
 * const fromVault: Provider = {
 *   name: "vault secret/billing",
 *   async get() {
 *     const key = await vault.read("secret/billing");
 *     if (!key) throw new AuthError("ERR_AUTH_NOT_FOUND", "no-entry", "vault secret/billing: no entry; create it");
 *     return { type: "api-key", key: new Secret(key) };
 *   },
 * };
 * ```
 */
export interface Provider<T = Credential> {
  /** Stable, printable, says where: `env ACME_*`, `aws-sm eu-west-1/prod/acme`. Never holds a secret. */
  readonly name: string;
  /**
   * Resolves to the value. Absence is an error (`ERR_AUTH_NOT_FOUND`), never `undefined`; a source that cannot work here
   * is `ERR_AUTH_UNAVAILABLE`; a value that is there but unusable is `ERR_AUTH_INVALID`.
   */
  get(options?: GetOptions): Promise<T>;
  /** May ask a person. Then it is read only while a caller waits, never in the background. */
  readonly interactive?: boolean;
  /** Says what a read finds, link by link, without any secret. Without it, `explain` reads and reports the outcome. */
  explain?(options?: { readonly signal?: AbortSignal }): Promise<Explanation>;
  /** Lets go of what the provider holds. Called by whoever made it. */
  [Symbol.asyncDispose]?(): Promise<void>;
}

/** A provider that can also keep what it is given. */
export interface WritableProvider<T = Credential> extends Provider<T> {
  set(value: T): Promise<void>;
  /** Resolves to false if there was nothing to delete. */
  delete(): Promise<boolean>;
}

/** What became of one provider's read: secret-free, made to be printed. */
export interface Explanation {
  readonly provider: string;
  readonly outcome: "found" | "not-asked" | AuthErrorCode;
  /** The error's reason word, or why it was not asked. */
  readonly reason?: string;
  /** The error's message: who, what, and what to do next. */
  readonly message?: string;
  readonly durationMs: number;
  readonly version?: string;
  readonly expiresAt?: Date;
  /** This link's value is the one that is used. */
  readonly winner?: boolean;
  readonly links?: readonly Explanation[];
  /** What the server said, or why it was not asked. Only of the whole, not of its links. */
  readonly server?: ServerAnswer;
}

/** What became of one exchange with the server: secret-free, made to be printed. */
export interface ServerAnswer {
  readonly outcome: "answered" | "not-asked" | AuthErrorCode;
  /**
   * The error's reason word. Of `not-asked`: `no-grant`, `no-credential`, `interactive` (only a person could sign in), `local`
   * (there is no server), `spends-refresh-token`.
   */
  readonly reason?: string;
  readonly message?: string;
  /** The server's HTTP status, of a refusal. */
  readonly status?: number;
  readonly durationMs: number;
}
