import type { Clock } from "./clock.ts";
import type { Credential } from "./credential.ts";
import type { TokenPolicy } from "./policy.ts";
import type { Secret } from "./secret.ts";
import type { AccessToken, TokenSet } from "./token.ts";

/**
 * Trades a credential for tokens (RFC 6749, 8628, 8693), knowing nothing of where the credential came from or where the
 * tokens are kept.
 *
 * Refusals are told apart by reason, because core acts on them: `ERR_AUTH_GRANT/refresh-token-rejected` (read the store
 * again before believing it) and `ERR_AUTH_GRANT/credential-rejected` (read the source again past its cache).
 */
export interface Grant<C extends Credential = Credential> {
  /** Printable: `client-credentials https://idp.example`. */
  readonly name: string;
  /** The credential types it takes. None: no credential is read. */
  readonly accepts?: readonly C["type"][];
  /** `exchange` needs a person, so only `login()` calls it. `refresh` does not. */
  readonly interactive?: boolean;
  /** `exchange` costs nothing, so its result is never kept in a store. */
  readonly local?: boolean;
  /** What the service's rules ask for; the app's policy wins. */
  readonly policy?: Partial<TokenPolicy>;
  /**
   * A secret-free identity of what is asked for: issuer, client, account, scopes, audience, subject (SEC-55). Asked
   * without a credential first; `undefined` means it needs one.
   */
  partition(credential?: C): string | undefined | Promise<string | undefined>;
  /** Gets the first token set. May answer from the credential itself. */
  exchange(credential: C | undefined, context: GrantContext): Promise<TokenSet>;
  /** Renews by refresh token. What the answer leaves out, core keeps. */
  refresh?(tokens: TokenSet, context: GrantContext, credential?: C): Promise<TokenSet>;
  /** Extends the token without signing in again; the old token dies. */
  keepAlive?(tokens: TokenSet, context: GrantContext): Promise<TokenSet>;
  /** Ends the tokens at the server (RFC 7009): refresh token first, unknown tokens are success. */
  revoke?(tokens: TokenSet, context: GrantContext, credential?: C): Promise<void>;
  /** Puts the token on the request. Default: `Authorization: <type> <token>`. */
  authorize?(request: RequestParts, token: AccessToken): void | Promise<void>;
  /** A server answered 401: is the token to blame (`drop`, the default), or should the request just be built again (`keep`)? */
  rejected?(response: ResponseParts, token: AccessToken): "keep" | "drop";
}

/** What a grant may use. It keeps none of it after its answer. */
export interface GrantContext {
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** How long this call may still take, in ms: all of it is for one attempt that spends a refresh token. */
  readonly timeLeftMs?: number;
  /** `one`: the try before this one failed, so a request is not repeated. Default `all` that the limits allow (L3). */
  readonly attempts?: "all" | "one";
  /** How to reach the person, if `login()` was given a way. */
  readonly interaction?: Interaction | undefined;
  /** What to ask for besides the configured scopes. */
  readonly scopes?: readonly string[] | undefined;
  /** To be called before failing on an answer that holds a new refresh token: it is saved whatever comes next (SEC-32). */
  salvage(refreshToken: Secret): void;
  /** Sends a `warning` event. */
  warn(reason: string): void;
}

export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

export interface ResponseParts {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
}

/** What a person is asked to do. */
export type InteractionStep =
  | { readonly type: "open-url"; readonly url: string; readonly expiresAt: Date }
  | {
      readonly type: "device-code";
      readonly userCode: string;
      readonly verificationUri: string;
      readonly verificationUriComplete?: string;
      readonly expiresAt: Date;
    };

export type Interaction = (step: InteractionStep) => void | Promise<void>;
