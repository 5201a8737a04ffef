import type { Interaction } from "./grant.ts";
import type { AccessToken } from "./token.ts";

/** Why a token is being got, and how far that has come. Whoever waits for it holds this too. */
export interface Flight {
  /** Monotonic clock when it began. */
  readonly startedAt: number;
  /** Its number: what an earlier one brings after a logout, or after a later one, is not taken. */
  readonly turn: number;
  /** Somebody waits, so a person may be asked. */
  attended: boolean;
  /** A new token, whatever the present one has left. */
  readonly force: boolean;
  /** The token is needed this long, in ms. */
  readonly minTtlMs: number;
  /** Exchange at once, with a person if need be. */
  readonly login?:
    | { readonly interaction?: Interaction | undefined; readonly scopes?: readonly string[] | undefined }
    | undefined;
  /** Ends whatever happens before a refresh token is sent; nothing after that. */
  readonly signal: AbortSignal;
  /** A source or the server is being asked: if it fails now, that is worth a pause (L15). */
  asked?: boolean;
  /** A refresh token has left: there is no way back. */
  sent: boolean;
  /** It brought a new token, instead of finding one. */
  renewed?: boolean;
  /** Hands a token to those who wait, ahead of the end (SEC-59, opt-in). */
  serve(token: AccessToken): void;
}
