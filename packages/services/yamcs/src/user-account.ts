import type { Grant, PasswordCredential } from "@auth/core";
import { agree, on401, part, partition } from "./credential.ts";
import { openServer, type YamcsOptions } from "./server.ts";
import { paced, refreshSession } from "./session.ts";

export interface UserAccountOptions extends YamcsOptions {
  /** Told up front, so that a stored login is found without asking the credential's source. */
  readonly username?: string | undefined;
}

const refused = on401("credential-rejected", "refused user name or password. Correct it at its source.");

/**
 * A user of Yamcs: the password buys an access token and a refresh token, which renews both. The session, which the server
 * would end after half an hour, is kept alive with nobody asking; `policy: { renewWhenIdle: false }` of `createAuth` lets it
 * end. If it has ended, the password is used again.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a wrong user name or password, `/refused` otherwise;
 * `ERR_AUTH_INVALID/half-credential`, `/secret-format`, `/account-mismatch`, `/malformed-response`, `/redirect`;
 * `ERR_AUTH_UNREACHABLE` (`timeout`, `network`, `rate-limited`, `server-error`). `TypeError` for wrong options.
 *
 * Source: Yamcs HTTP API, `POST /auth/token`.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: userAccount({ url: "https://yamcs.example" }),
 *   credentials: fromEnv({ prefix: "YAMCS" }), // YAMCS_USERNAME, YAMCS_PASSWORD
 * });
 * ```
 */
export function userAccount(options: UserAccountOptions): Grant<PasswordCredential> {
  const server = openServer(options);
  const { name, url } = server;
  return {
    name,
    accepts: ["password"],
    policy: { renewWhenIdle: true },
    partition: (credential) => partition({ url, account: options.username ?? credential?.username }),
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${name}: a password is needed`);
      const { username, password, source = name } = credential;
      agree(options.username, username, "username", source);
      const form = {
        grant_type: "password",
        username: part(username, "user name", source),
        password: part(password.reveal(), "password", source),
      };
      return paced(await server.requestTokens({ form, repeat: "once", refused }, context));
    },
    refresh: (tokens, context) => refreshSession(server, tokens.refreshToken, context, tokens),
  };
}
