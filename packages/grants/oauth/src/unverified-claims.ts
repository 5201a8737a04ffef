import { decodeJwt } from "jose/jwt/decode";
import type { Fields } from "./parse-body.ts";

/**
 * What a JWT says of itself, with nothing verified. For a service whose server states the expiry or the client nowhere
 * else (SEC-34): to drop or renew a token of one's own, never to trust one. No JWT: nothing.
 *
 * @example
 * ```ts
 * const expiresAt = instant(unverifiedClaims(token)?.["exp"]);
 * ```
 */
export function unverifiedClaims(token: string): Fields | undefined {
  try {
    return Object.assign(Object.create(null), decodeJwt(token)) as Fields;
  } catch {
    return undefined;
  }
}
