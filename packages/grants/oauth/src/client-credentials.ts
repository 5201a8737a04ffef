import type { ClientSecretCredential, Grant } from "@auth/core";
import { clientCredentialsGrantRequest } from "oauth4webapi";
import { agree, required } from "./agree.ts";
import { checkChoice } from "./arguments.ts";
import type { Client } from "./client.ts";
import { partition } from "./partition.ts";
import { requestTokens, wantedScopes } from "./request-tokens.ts";
import { revocation } from "./revocation.ts";
import { createServer } from "./server.ts";
import { checkOptions, type GrantOptions } from "./settings.ts";

export interface ClientCredentialsOptions extends GrantOptions {
  /** How the secret travels: `basic`, form-encoded in the Authorization header (default), or `post`, in the body. */
  readonly clientAuth?: "basic" | "post";
}

/**
 * The client credentials grant (RFC 6749 §4.4): a client id and secret for a token that speaks for the client itself.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a wrong id or secret (core then reads the source again),
 * `/refused` for anything else the server will not do; `ERR_AUTH_UNREACHABLE` (`timeout`, `network`, `rate-limited`,
 * `server-error`) after three attempts; `ERR_AUTH_INVALID` for an answer or an address that is no good. `TypeError` for
 * wrong options.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: clientCredentials({ issuer: "https://idp.example", scopes: ["orders:read"] }),
 *   credentials: fromEnv({ prefix: "ACME" }),
 * });
 * ```
 */
export function clientCredentials(options: ClientCredentialsOptions): Grant<ClientSecretCredential> {
  const settings = checkOptions("client-credentials", options);
  checkChoice("client-credentials", "clientAuth", options.clientAuth, ["basic", "post"]);
  const server = createServer(settings);
  const { name } = settings;

  function identify({ clientId, clientSecret, source = name }: ClientSecretCredential): Client {
    agree(name, "clientId", settings.clientId, clientId);
    return { clientId, secret: clientSecret, method: options.clientAuth ?? "basic", source };
  }

  return {
    name,
    accepts: ["client-secret"],
    async partition(credential) {
      const clientId = agree(name, "clientId", settings.clientId, credential?.clientId);
      return clientId === undefined ? undefined : partition(settings, { subject: "client", clientId });
    },
    async exchange(credential, context) {
      return requestTokens(
        {
          client: identify(required(credential, name)),
          scopes: wantedScopes(server, context),
          repeat: "freely",
          spent: "nothing",
          send: clientCredentialsGrantRequest,
        },
        server,
        context,
      );
    },
    ...revocation<ClientSecretCredential>(server, (_, credential) => identify(required(credential, name))),
  };
}
