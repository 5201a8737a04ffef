import type { ClientSecretCredential, Grant } from "@auth/core";
import { sendable } from "@auth/oauth/http";
import { openServer, type YamcsOptions } from "./server.ts";
import { agree, requestTokens, whole } from "./token-endpoint.ts";

export interface ServiceAccountOptions extends YamcsOptions {
  /** The user to act as. The server answers no service account that names nobody. */
  readonly become: string;
  /** Told up front, so that a stored login is found without asking the credential's source. */
  readonly clientId?: string | undefined;
}

/**
 * A service account that acts as a user (impersonation). Its tokens cannot be renewed: at their end they are bought anew with
 * the secret, which never is encoded twice or not at all, as it travels in the form.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a wrong id or secret, or a user that is not there; else those of
 * `userAccount`. `TypeError` for wrong options.
 *
 * Source: Yamcs HTTP API, `POST /auth/token`, service accounts.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: serviceAccount({ url: "https://yamcs.example", become: "operator" }),
 *   credentials: fromEnv({ prefix: "YAMCS" }), // YAMCS_CLIENT_ID, YAMCS_CLIENT_SECRET
 * });
 * ```
 */
export function serviceAccount(options: ServiceAccountOptions): Grant<ClientSecretCredential> {
  const server = openServer(options);
  const { become } = options;
  if (typeof become !== "string" || !become.trim())
    throw new TypeError("yamcs: become is missing; it names the user to act as");
  const { name, url } = server;
  return {
    name,
    accepts: ["client-secret"],
    partition(credential) {
      const client = options.clientId ?? credential?.clientId;
      return client && `yamcs ${new URLSearchParams({ url, client, become }).toString()}`;
    },
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${name}: a client secret is needed`);
      const { clientId, source = name } = credential;
      agree(options.clientId, clientId, "clientId", source);
      const secret = whole(credential.clientSecret.reveal(), "client secret", source);
      const form = {
        grant_type: "client_credentials",
        become,
        client_id: whole(clientId, "client id", source),
        client_secret: sendable(secret, "client secret", source),
      };
      const refusal = {
        reason: "credential-rejected",
        text: "refused the client id or the secret, or knows no user of the name in `become`. Correct it.",
      } as const;
      return requestTokens(server, form, refusal, { repeat: "freely", clientId }, context);
    },
  };
}
