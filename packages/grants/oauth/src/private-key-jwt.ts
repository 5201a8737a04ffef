import type { Grant, PrivateKeyCredential } from "@auth/core";
import { clientCredentialsGrantRequest } from "oauth4webapi";
import { agree, required } from "./agree.ts";
import { checkChoice } from "./arguments.ts";
import type { Client } from "./client.ts";
import type { AssertionAudience } from "./client-options.ts";
import { partition } from "./partition.ts";
import { requestTokens, wantedScopes } from "./request-tokens.ts";
import { revocation } from "./revocation.ts";
import { createServer } from "./server.ts";
import { checkOptions, type GrantOptions } from "./settings.ts";

export interface PrivateKeyJwtOptions extends GrantOptions {
  /** Whom the assertion is made out to: the server's `issuer` (default), or its `token-endpoint`, as older servers want. */
  readonly assertionAudience?: AssertionAudience;
}

/**
 * The client credentials grant with a private key instead of a secret (RFC 6749 §4.4, RFC 7523 §2.2): the client signs a
 * one-minute assertion for each request, and the key never leaves the process. The key is PKCS #8 PEM or a JWK as JSON.
 *
 * Errors: as `clientCredentials`; `ERR_AUTH_INVALID/private-key` for a key that cannot sign.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: privateKeyJwt({ issuer: "https://idp.example", scopes: ["orders:read"] }),
 *   credentials: fromFile({ path: "/run/secrets/client.json" }), // {"client_id": …, "private_key": …}
 * });
 * ```
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): Grant<PrivateKeyCredential> {
  const settings = checkOptions("private-key-jwt", options);
  checkChoice("private-key-jwt", "assertionAudience", options.assertionAudience, [
    "issuer",
    "token-endpoint",
  ]);
  const server = createServer(settings);
  const { name } = settings;

  function identify(credential: PrivateKeyCredential): Client {
    const { clientId, source = name } = credential;
    agree(name, "clientId", settings.clientId, clientId);
    return {
      clientId,
      key: credential,
      method: "private_key_jwt",
      audience: options.assertionAudience,
      source,
    };
  }

  return {
    name,
    accepts: ["private-key"],
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
          spent: "credential",
          send: clientCredentialsGrantRequest,
        },
        server,
        context,
      );
    },
    ...revocation<PrivateKeyCredential>(server, (_, credential) => identify(required(credential, name))),
  };
}
