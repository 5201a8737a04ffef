import type { Grant, GrantContext } from "@auth/core";
import { openApi, problem, type YakuOptions } from "./api-url.ts";
import { isApplicationToken } from "./application-token-id.ts";
import { findProvider, type IdentityProvider, verifyIdToken } from "./identity-provider.ts";

export interface DeviceLoginOptions extends YakuOptions {
  /** How long a login lasts at the identity provider, whatever is renewed. Default 36000000 ms, ten hours. */
  readonly sessionMs?: number;
}

/** The scopes of an administrator's login: `auth.login({ scopes: admin, interaction })`. */
export const admin: readonly string[] = ["global"];

/**
 * A person's login to Yaku, by device code with PKCE at the identity provider that the server names (RFC 8628, RFC 7636):
 * `auth.login({ interaction })` hands over the code and the address to show, and waits. The access token is used until 30 s
 * before its end, then renewed with nobody asked, until the session ends after ten hours.
 *
 * Administrators log in with `scopes: admin`; a later login without `scopes` asks for the same again. The grant also serves an
 * environment of `.yakurc` that holds a long-running application token: that is used as it is, and never renewed.
 *
 * Errors: `ERR_AUTH_INTERACTION_REQUIRED` (`no-interaction`, `login-timeout`, `refresh-token-rejected`, `session-ended`,
 * `issuer-changed`); `ERR_AUTH_DENIED/login-denied`; `ERR_AUTH_INVALID` (`no-authinfo`, `no-refresh-token`, `id-token`,
 * `issuer-mismatch`, `malformed-response`, `insecure-transport`); `ERR_AUTH_UNREACHABLE`; else as `deviceCode`. `TypeError` for
 * wrong options.
 *
 * @example
 * ```ts
 * const url = "https://yaku.example";
 * const auth = createAuth({ grant: deviceLogin({ url }), store: yakurc({ url }), name: "default" });
 * await auth.login({
 *   interaction(step) {
 *     if (step.type === "device-code") console.log(`Enter ${step.userCode} at ${step.verificationUri}`);
 *   },
 * });
 * await auth[Symbol.asyncDispose](); // when the program ends
 * ```
 */
export function deviceLogin(options: DeviceLoginOptions): Grant {
  const http = openApi(options);
  const { sessionMs = 36_000_000 } = options;
  if (!Number.isInteger(sessionMs) || sessionMs < 1)
    throw new TypeError("yaku: sessionMs is a whole number of ms");
  let known: IdentityProvider | undefined;
  const provider = async (context: GrantContext): Promise<IdentityProvider> =>
    (known ??= await findProvider(options, context));

  return {
    name: http.name,
    interactive: true,
    policy: { refreshAheadMs: 0, minTtlMs: 30_000 },
    partition: () => `yaku ${new URLSearchParams({ url: http.url, subject: "person" }).toString()}`,
    async exchange(_, context) {
      if (!context.interaction) {
        const text = "nobody can be shown a code, because login() was given no interaction. Give it one.";
        throw problem(http, "ERR_AUTH_INTERACTION_REQUIRED", "no-interaction", text);
      }
      const found = await provider(context);
      const tokens = await found.grant.exchange(undefined, context);
      if (!tokens.refreshToken) {
        const text = "the login brought no refresh token. Have them allowed for the client yaku-cli.";
        throw problem(http, "ERR_AUTH_INVALID", "no-refresh-token", text);
      }
      await verifyIdToken(tokens, found, http, context);
      return { ...tokens, sessionExpiresAt: new Date(context.clock.now() + sessionMs) };
    },
    refresh: async (tokens, context) =>
      (await provider(context)).grant.refresh?.(tokens, context) ?? Promise.reject(new TypeError(http.name)),
    async revoke(tokens, context) {
      // An application token may be in use elsewhere: `applicationTokens` ends one.
      if (!isApplicationToken(tokens.accessToken.reveal()))
        await (await provider(context)).grant.revoke?.(tokens, context);
    },
  };
}
