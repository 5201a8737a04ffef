import type { Auth } from "./auth.ts";
import type { AccessTokenCredential } from "./credential.ts";
import { compact } from "./errors.ts";
import type { Provider } from "./provider.ts";
import { Secret } from "./secret.ts";

/**
 * The token of one `Auth` as the credential of another: impersonation, token exchange.
 *
 * @example
 * ```ts
 * const acting = createAuth({ grant: tokenExchange({ issuer, audience }), credentials: fromAuth(user) });
 * ```
 */
export function fromAuth(auth: Auth): Provider<AccessTokenCredential> {
  if (typeof auth?.getToken !== "function") throw new TypeError("fromAuth: expected an Auth");
  const source = `auth ${auth.name}`;
  return {
    name: source,
    get interactive() {
      return auth.interactive;
    },
    async explain() {
      const { next, token } = await auth.status();
      return {
        provider: source,
        outcome: token && next.startsWith("use") ? "found" : "not-asked",
        reason: next,
        durationMs: 0,
      };
    },
    async get(options = {}) {
      const token = await auth.getToken(options);
      const { key } = await auth.status();
      return Object.freeze(
        compact<AccessTokenCredential>({
          type: "access-token",
          token: new Secret(token.reveal()),
          source,
          account: key,
          expiresAt: token.expiresAt,
        }),
      );
    },
  };
}
