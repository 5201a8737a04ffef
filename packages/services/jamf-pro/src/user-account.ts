import { AuthError, type Grant, type PasswordCredential, type TokenSet } from "@auth/core";
import { type Fields, sendable, type TokenFields } from "@auth/oauth/http";
import { type JamfProOptions, openServer } from "./address.ts";
import { type BasicEncoding, basicHeader } from "./basic-header.ts";
import { invalidation } from "./invalidation.ts";

export interface UserAccountOptions extends JamfProOptions {
  /** Told up front, so that a stored token is found without asking the credential's source. */
  readonly username?: string | undefined;
  /** How user name and password are written. Default `"auto"`: Latin-1 where that has all their characters, else UTF-8. */
  readonly encoding?: BasicEncoding | undefined;
}

/**
 * A Jamf Pro user account: the password buys a token of about half an hour, which is extended from 60 s to 6 s before its end
 * (the old token ends with it), and bought anew with the password after that, or when extending fails. There is no early
 * window by default; `policy` of `createAuth` says otherwise.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a wrong user name or password, `/refused` otherwise;
 * `ERR_AUTH_INVALID/malformed-response`, `/expired-on-arrival`, `/secret-format` and the transport's, as of `clientCredentials`.
 * `TypeError` for wrong options.
 *
 * Source: Jamf Pro API, `POST /v1/auth/token`, `POST /v1/auth/keep-alive`, `POST /v1/auth/invalidate-token`.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: userAccount({ server: "jamf.example" }),
 *   credentials: fromEnv({ prefix: "JAMF_PRO" }),
 * });
 * const response = await createFetch(auth, { origins: ["https://jamf.example"] })("https://jamf.example/api/v1/buildings");
 * await auth[Symbol.asyncDispose](); // when the program ends
 * ```
 */
export function userAccount(options: UserAccountOptions): Grant<PasswordCredential> {
  const http = openServer(options);
  const { encoding = "auto" } = options;
  if (!["auto", "latin-1", "utf-8"].includes(encoding))
    throw new TypeError("jamf-pro: encoding is auto, latin-1 or utf-8");

  return {
    name: http.name,
    accepts: ["password"],
    policy: { keepAliveWindow: { fromMs: 60_000, toMs: 6_000 }, refreshAheadMs: 0, minTtlMs: 6_000 },
    partition(credential) {
      const account = options.username ?? credential?.username;
      return account && `jamf-pro ${new URLSearchParams({ server: http.url, account }).toString()}`;
    },
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${http.name}: a password is needed`);
      const { username, password, source = http.name } = credential;
      if (options.username !== undefined && username !== options.username) throw anotherAccount(source);
      const pair = { username, password: sendable(password.reveal(), "password", source) };
      const request = {
        endpoint: "token endpoint",
        method: "POST",
        url: `${http.url}/api/v1/auth/token`,
        headers: { authorization: basicHeader(pair, encoding, source) },
        repeat: "once",
        translate,
        refused: ({ status, error }) =>
          status === 401 || status === 403
            ? error(
                "ERR_AUTH_GRANT",
                "credential-rejected",
                "refused the user name or the password. Correct it at its source.",
              )
            : undefined,
      } as const satisfies Parameters<typeof http.requestTokens>[0];
      return http.requestTokens(request, context);
    },
    async keepAlive({ accessToken }: TokenSet, context) {
      const headers = { authorization: `Bearer ${accessToken.reveal()}` };
      const url = `${http.url}/api/v1/auth/keep-alive`;
      return http.requestTokens(
        { endpoint: "keep-alive endpoint", method: "POST", url, headers, repeat: "once", translate },
        context,
      );
    },
    revoke: invalidation(http),
  };
}

/** Jamf's words in those of RFC 6749. */
function translate({ token, expires }: Fields): TokenFields {
  return { access_token: token, token_type: "bearer", expires_at: expires };
}

function anotherAccount(source: string): AuthError {
  const text = `${source}: this is another account than the configured \`username\`. Change one of the two.`;
  return new AuthError("ERR_AUTH_INVALID", "account-mismatch", text, { provider: source });
}
