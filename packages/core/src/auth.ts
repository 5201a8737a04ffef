import type { Clock } from "./clock.ts";
import type { Action } from "./decide.ts";
import type { AuthErrorCode } from "./errors.ts";
import type { AuthEvent } from "./events.ts";
import type { Grant, Interaction, RequestParts, ResponseParts } from "./grant.ts";
import type { TokenPolicy } from "./policy.ts";
import type { Provider } from "./provider.ts";
import type { TokenStore } from "./store.ts";
import type { AccessToken } from "./token.ts";

export interface AuthOptions {
  /** How a credential becomes tokens. */
  // biome-ignore lint/suspicious/noExplicitAny: a grant for one credential type is as good as one for all; the type is checked at run time
  readonly grant: Grant<any>;
  /** Where the credential comes from. Without it, only what a login left in the store is used. */
  readonly credentials?: Provider;
  /** Where token sets are kept. Default: `memoryStore()`. */
  readonly store?: TokenStore;
  /** Names the login, and its place in the store. Default: what the grant's partition says. */
  readonly name?: string;
  readonly policy?: Partial<TokenPolicy>;
  readonly onEvent?: (event: AuthEvent) => void;
  /** Default: the global one, looked up per call. */
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

export interface GetTokenOptions {
  /** Ends this call's wait, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** A new token, whatever the present one has left. */
  readonly forceRefresh?: boolean;
  /** This call needs the token this long, in ms; capped at half of the lifetime, since the server grants no more. */
  readonly minTtlMs?: number;
}

export interface LoginOptions {
  readonly signal?: AbortSignal;
  readonly interaction?: Interaction;
  /** Asked for besides the configured ones. Default: those of the last login. */
  readonly scopes?: readonly string[];
}

/** One identity's token lifecycle: the object that apps hold. Safe to call from anywhere, any number of times at once. */
export interface Auth extends AsyncDisposable {
  readonly name: string;
  /**
   * A usable token: from memory, from the store, or from the server. Concurrent callers share one request.
   *
   * Errors: those of the source, the grant and the store; with a token that is still good, none of them.
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;
  /** A usable token or nothing, at once. Never starts work. */
  peek(): AccessToken | undefined;
  /** Puts the credential on `request.headers`; resolves to the token it was. */
  authorize(request: RequestParts, options?: GetTokenOptions): Promise<AccessToken>;
  /** The same for a grant that needs no method and URL. */
  headers(options?: GetTokenOptions): Promise<Headers>;
  /** Says that the server refused this token. Does nothing if it is no longer the current one. */
  reject(token: AccessToken, response?: ResponseParts): void;
  /** Exchanges the credential now, with a person if the grant needs one. */
  login(options?: LoginOptions): Promise<AccessToken>;
  /** Deletes every copy, then revokes. */
  logout(options?: { readonly signal?: AbortSignal }): Promise<LogoutReport>;
  /** What there is and what would happen next. Reads memory and store only. */
  status(): Promise<AuthStatus>;
}

export interface AuthStatus {
  readonly name: string;
  /** The place in the store, if it is known without asking a source. */
  readonly key?: string;
  /** What the next `getToken` would do. */
  readonly next: Action;
  /** When the next renewal is due. */
  readonly nextAt?: Date;
  readonly token?: {
    readonly id: string;
    readonly type: string;
    readonly expiresAt?: Date;
    readonly scopes?: readonly string[];
  };
  readonly from?: "memory" | "store";
  /** The credential's provider. */
  readonly source?: string;
  readonly store: string;
  readonly sessionExpiresAt?: Date;
  readonly lastFailure?: { readonly code: AuthErrorCode; readonly reason: string; readonly at: Date };
}

export interface LogoutReport {
  /** Every part is done or had nothing to do. */
  readonly complete: boolean;
  readonly parts: readonly {
    readonly part: string;
    readonly outcome: "done" | "nothing-there" | "failed";
    readonly reason?: string;
  }[];
}

/** The lifecycle of one identity's tokens. */
export declare function createAuth(options: AuthOptions): Auth;
