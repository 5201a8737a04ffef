import { hash } from "node:crypto";
import type { Grant, RefreshTokenCredential } from "@auth/core";
import { partition } from "./credential.ts";
import { openServer } from "./server.ts";
import { keptTokens, nameIn, refreshSession } from "./session.ts";
import type { UserAccountOptions } from "./user-account.ts";

/**
 * Tokens that were issued elsewhere: an access token while it is good for 30 s at least, then the refresh token. If nothing says when the access
 * token expires, and it does not say so itself, it is used until the server refuses it. An access token alone needs no more
 * than `bearer()` of `@auth/core`. Give a store that outlives the process: each refresh token is good for one use.
 *
 * Errors: `ERR_AUTH_INTERACTION_REQUIRED/refresh-token-rejected` where the session has ended; else those of `userAccount`.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: storedTokens({ url: "https://yamcs.example" }),
 *   credentials: fromEnv({ refreshToken: "YAMCS_REFRESH_TOKEN" }),
 *   store: tokenFile({ path: "tokens.json" }),
 * });
 * ```
 */
export function storedTokens(options: UserAccountOptions): Grant<RefreshTokenCredential> {
  const server = openServer(options);
  const { name, url } = server;
  return {
    name,
    accepts: ["refresh-token"],
    policy: { renewWhenIdle: true },
    partition(credential) {
      const account = options.username ?? credential?.account ?? nameIn(credential?.accessToken?.reveal());
      if (account !== undefined || !credential) return partition({ url, account });
      // A refresh token of which nothing is known is its own identity (SEC-55).
      return partition({
        url,
        account: `sha256:${hash("sha256", credential.refreshToken.reveal(), "base64url")}`,
      });
    },
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${name}: a refresh token is needed`);
      const { accessToken, accessTokenExpiresAt, refreshToken } = credential;
      if (accessToken) {
        const kept = keptTokens(accessToken.reveal(), refreshToken.reveal(), accessTokenExpiresAt);
        const left = Number(kept.accessToken.expiresAt ?? Number.POSITIVE_INFINITY) - context.clock.now();
        if (left > 30_000) return { ...kept, extra: { issuer: url } };
      }
      return { refreshToken, ...(await refreshSession(server, refreshToken, context)) };
    },
    refresh: (tokens, context) => refreshSession(server, tokens.refreshToken, context, tokens),
  };
}
