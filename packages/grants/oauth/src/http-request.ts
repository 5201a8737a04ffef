import type { AuthError, AuthErrorCode, TokenSet } from "@auth/core";
import type { Fields } from "./parse-body.ts";

/** One request to a server that is not quite an OAuth server. */
export interface HttpRequest {
  /** For messages: `token endpoint`. */
  readonly endpoint: string;
  readonly method: string;
  /** Absolute. No secret belongs in it. https, or one of the exceptions (SEC-20). */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A form goes out as `application/x-www-form-urlencoded`, without a charset: some servers compare it letter by letter. */
  readonly body?: { readonly form: Readonly<Record<string, string>> } | { readonly json: unknown };
  /**
   * How often it may be sent, where the outcome is unknown (L3). `freely`: it spends nothing, 3 times. `refresh`: it may
   * spend a rotating token, once, with all the time there is. `once`: the server may count tries.
   */
  readonly repeat: "freely" | "refresh" | "once";
  /**
   * What an answer outside of 2xx means, or one that holds `error`. Nothing returned: what RFC 6749 §5.2 says, or
   * `ERR_AUTH_GRANT/refused`. Redirects, 429 and 5xx do not come here.
   */
  readonly refused?: (answer: Refused) => AuthError | undefined;
}

/** An answer that is no success. */
export interface Refused {
  readonly status: number;
  /** Its JSON object, where it is one. Nothing of it may be shown; see `quote`. */
  readonly body: Fields | undefined;
  /** An error that names grant, endpoint, origin and status. The text goes on from there: `refused the password. Correct it.` */
  readonly error: (code: AuthErrorCode, reason: string, text: string) => AuthError;
  /** A text of the server's as it may be shown (SEC-5): secrets of the request masked, 200 characters. */
  readonly quote: (text: unknown) => string | undefined;
}

/** A request for tokens. */
export interface HttpTokenRequest extends HttpRequest {
  /** The answer in the words of RFC 6749 §5.1, where the server has its own. Left out, it is read as it is. */
  readonly translate?: (body: Fields) => TokenFields;
  /** The stored set that is being renewed. If it came from elsewhere, nothing is sent (SEC-36). */
  readonly renews?: TokenSet;
  /** The client that the tokens belong to, where there is one. */
  readonly clientId?: string;
  /** What was asked for: what is granted where the answer does not say. */
  readonly scopes?: readonly string[];
}

/** A token answer (RFC 6749 §5.1), unchecked. */
export interface TokenFields {
  readonly access_token: unknown;
  /** Anything but `Bearer`, in any case, is refused. */
  readonly token_type: unknown;
  /** Seconds. */
  readonly expires_in?: unknown;
  /** In place of `expires_in`: an RFC 3339 text, a Unix time in seconds or milliseconds, or a `Date`. */
  readonly expires_at?: unknown;
  readonly refresh_token?: unknown;
  readonly id_token?: unknown;
  readonly scope?: unknown;
}
