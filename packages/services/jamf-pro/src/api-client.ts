import { AuthError, type ClientSecretCredential, type Grant, isAuthError } from "@auth/core";
import { sendable } from "@auth/oauth/http";
import { type JamfProOptions, openServer } from "./address.ts";
import { invalidation } from "./invalidation.ts";

export interface ApiClientOptions extends JamfProOptions {
  /** Told up front, so that a stored token is found without asking the credential's source. */
  readonly clientId?: string | undefined;
  /** API roles to ask for. Default: all that the client has. */
  readonly scopes?: readonly string[] | undefined;
}

/**
 * A Jamf Pro API client (OAuth client credentials, Jamf Pro 10.49 and later). Its tokens live as long as the client says, often
 * minutes: a new one is taken 5 s before the end, and there is no early window by default; `policy` of `createAuth` says otherwise.
 * Older servers, which know only `/api/oauth/token`, are found by their 404.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a wrong client id or secret, `/refused` otherwise; `ERR_AUTH_INVALID` and
 * `ERR_AUTH_UNREACHABLE` as of `clientCredentials`. `TypeError` for wrong options.
 *
 * Source: Jamf Pro API, `POST /v1/oauth/token`, "Client Credentials".
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: apiClient({ server: "jamf.example" }),
 *   credentials: fromEnv({ prefix: "JAMF_PRO" }), // JAMF_PRO_CLIENT_ID, JAMF_PRO_CLIENT_SECRET
 * });
 * ```
 */
export function apiClient(options: ApiClientOptions): Grant<ClientSecretCredential> {
  const http = openServer(options);
  const configured = [...new Set(options.scopes)].sort();
  let path = "/api/v1/oauth/token";

  return {
    name: http.name,
    accepts: ["client-secret"],
    policy: { refreshAheadMs: 0, minTtlMs: 5_000 },
    partition(credential) {
      const client = options.clientId ?? credential?.clientId;
      if (client === undefined) return undefined;
      const scope = configured.length > 0 && { scope: configured.join(" ") };
      return `jamf-pro ${new URLSearchParams({ server: http.url, client, ...scope }).toString()}`;
    },
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${http.name}: a client secret is needed`);
      const { clientId, clientSecret, source = http.name } = credential;
      if (options.clientId !== undefined && clientId !== options.clientId) throw anotherClient(source);
      const scopes = [...new Set([...configured, ...(context.scopes ?? [])])];
      const form = {
        client_id: clientId,
        client_secret: sendable(clientSecret.reveal(), "client secret", source),
        grant_type: "client_credentials",
        ...(scopes.length > 0 && { scope: scopes.join(" ") }),
      };
      const ask = () =>
        http.requestTokens(
          {
            endpoint: "token endpoint",
            method: "POST",
            url: http.url + path,
            body: { form },
            repeat: "freely",
            clientId,
            scopes,
            refused: ({ status, error }) =>
              status === 401 || status === 403
                ? error(
                    "ERR_AUTH_GRANT",
                    "credential-rejected",
                    "refused the client id or the secret. Correct it at its source.",
                  )
                : undefined,
          },
          context,
        );
      try {
        return await ask();
      } catch (error) {
        if (!isAuthError(error, "ERR_AUTH_GRANT") || error.status !== 404 || path === older) throw error;
        path = older; // remembered: the server will not have grown younger
        return ask();
      }
    },
    revoke: invalidation(http),
  };
}

const older = "/api/oauth/token";

function anotherClient(source: string): AuthError {
  const text = `${source}: this is another client than the configured \`clientId\`. Change one of the two.`;
  return new AuthError("ERR_AUTH_INVALID", "account-mismatch", text, { provider: source });
}
