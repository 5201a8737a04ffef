import type { Grant, PasswordCredential } from "@auth/core";
import { genericTokenEndpointRequest } from "oauth4webapi";
import { agree, required } from "./agree.ts";
import { checkTypes } from "./arguments.ts";
import { describeClient } from "./client.ts";
import { type ClientOptions, checkClient } from "./client-options.ts";
import { partition } from "./partition.ts";
import { renew } from "./renew.ts";
import { requestTokens, wantedScopes } from "./request-tokens.ts";
import { revocation } from "./revocation.ts";
import { sendable } from "./sendable.ts";
import { createServer } from "./server.ts";
import { checkOptions, type GrantOptions } from "./settings.ts";

export interface PasswordOptions extends GrantOptions, ClientOptions {
  readonly clientId: string;
  /** Told up front, so that a stored token is found without asking the credential's source. */
  readonly username?: string;
}

/**
 * The password grant (RFC 6749 §4.3), for servers that offer nothing else: RFC 9700 forbids it, since the program sees the
 * person's password. It says so once, by a `password-grant` warning event. A refresh token that comes back is used as long
 * as it lasts; then the password is sent again. A password is never sent twice once it may have arrived.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a wrong password or client, `/refresh-token-rejected` on a renewal, `/refused`
 * otherwise; `ERR_AUTH_UNREACHABLE` and `ERR_AUTH_INVALID` as `clientCredentials`.
 *
 * @example
 * ```ts
 * import { password } from "@auth/oauth/password";
 * const auth = createAuth({
 *   grant: password({ issuer: "https://idp.example", clientId: "legacy", scopes: ["offline_access"] }),
 *   credentials: fromPrompt({ username: "alice" }),
 * });
 * ```
 */
export function password(options: PasswordOptions): Grant<PasswordCredential> {
  checkClient("password", options);
  const settings = checkOptions("password", options);
  checkTypes("password", options, "string", "username");
  const { clientId, clientSecret, clientAuth } = options;
  if (typeof clientId !== "string") throw new TypeError("password: clientId is missing");
  if ((clientAuth === "basic" || clientAuth === "post") && !clientSecret)
    throw new TypeError(`password: clientAuth "${clientAuth}" needs clientSecret`);
  const server = createServer(settings);
  const { name } = settings;
  const client = describeClient(options, clientId, name);

  return {
    name,
    accepts: ["password"],
    async partition(credential) {
      const account = agree(name, "username", options.username, credential?.username);
      return account === undefined
        ? undefined
        : partition(settings, { subject: "person", clientId, account });
    },
    async exchange(credential, context) {
      const { username, password: secret, source = name } = required(credential, name);
      agree(name, "username", options.username, username);
      const text = sendable(secret.reveal(), "password", source);
      server.warn("password-grant", context);
      return requestTokens(
        {
          client,
          scopes: wantedScopes(server, context),
          repeat: "once",
          spent: "credential",
          send: (as, known, auth, parameters, http) => {
            const body = new URLSearchParams(parameters);
            body.set("username", username);
            body.set("password", text);
            return genericTokenEndpointRequest(as, known, auth, "password", body, http);
          },
        },
        server,
        context,
      );
    },
    // No scopes: a server may have granted fewer than it was asked for, and refuses those it did not grant.
    refresh: (tokens, context) => renew(tokens.refreshToken, { client, renews: tokens }, server, context),
    ...revocation<PasswordCredential>(server, () => client),
  };
}
