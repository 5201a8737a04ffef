import type { Interaction } from "./grant.ts";
import type { AccessToken } from "./token.ts";

/** Why a token is being got, and how far that has come. Whoever waits for it holds this too. */
export interface Flight {
  /** Somebody waits, so a person may be asked. */
  attended: boolean;
  /** A new token, whatever the present one has left. */
  readonly force: boolean;
  /** Exchange at once, with a person if need be. */
  readonly login?:
    | { readonly interaction?: Interaction | undefined; readonly scopes?: readonly string[] | undefined }
    | undefined;
  /** Ends whatever happens before a refresh token is sent; nothing after that. */
  readonly signal: AbortSignal;
  /** A refresh token has left: there is no way back. */
  sent: boolean;
  /** Hands a token to those who wait, ahead of the end (SEC-59, opt-in). */
  serve(token: AccessToken): void;
}
