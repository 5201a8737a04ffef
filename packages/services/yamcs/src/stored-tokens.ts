import type { Grant, RefreshTokenCredential } from "@auth/core";
import { openServer } from "./server.ts";
import { keptTokens, nameIn, refreshSession } from "./session.ts";
import { partition } from "./token-endpoint.ts";
import type { UserAccountOptions } from "./user-account.ts";

/** A token given beside the refresh token is used if it lasts this much longer. */
const leewayMs = 30_000;

/**
 * Tokens that were issued elsewhere: an access token while it is good, then the refresh token. If nothing says when the access
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
    async partition(credential) {
      const account = options.username ?? credential?.account ?? nameIn(credential?.accessToken?.reveal());
      if (account !== undefined) return partition(url, account);
      return credential && partition(url, await digest(credential.refreshToken.reveal()));
    },
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${name}: a refresh token is needed`);
      const { accessToken, accessTokenExpiresAt, refreshToken, source = name } = credential;
      if (accessToken) {
        const kept = keptTokens(accessToken.reveal(), refreshToken.reveal(), accessTokenExpiresAt);
        const end = kept.accessToken.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
        if (end - context.clock.now() > leewayMs) return { ...kept, extra: { issuer: url } };
      }
      return { refreshToken, ...(await refreshSession(server, refreshToken, source, undefined, context)) };
    },
    refresh: (tokens, context) => refreshSession(server, tokens.refreshToken, name, tokens, context),
  };
}

/** A refresh token of which nothing is known is its own identity (SEC-55). */
async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256:${Buffer.from(hash).toString("base64url")}`;
}
