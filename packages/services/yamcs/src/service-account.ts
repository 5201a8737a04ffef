import type { ClientSecretCredential, Grant } from "@auth/core";
import { agree, on401, part, partition } from "./credential.ts";
import { openServer, type YamcsOptions } from "./server.ts";

export interface ServiceAccountOptions extends YamcsOptions {
  /** The user to act as. The server answers no service account that names nobody. */
  readonly become: string;
  /** Told up front, so that a stored login is found without asking the credential's source. */
  readonly clientId?: string | undefined;
}

const refused = on401("credential-rejected", "refused client id, secret, or whom to become. Correct it.");

/**
 * A service account that acts as a user (impersonation). Its tokens cannot be renewed: at their end they are bought anew with
 * the secret, which travels in the form: there, all clients and servers agree on how it is encoded.
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
    partition: (credential) => partition({ url, client: options.clientId ?? credential?.clientId, become }),
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${name}: a client secret is needed`);
      const { clientId, clientSecret, source = name } = credential;
      agree(options.clientId, clientId, "clientId", source);
      const form = {
        grant_type: "client_credentials",
        become,
        client_id: part(clientId, "client id", source),
        client_secret: part(clientSecret.reveal(), "client secret", source),
      };
      return server.requestTokens({ form, repeat: "freely", refused, clientId }, context);
    },
  };
}
