import type { AccessToken } from "@auth/core";

/**
 * Whole seconds until the token expires, never below 0; `Infinity` if nobody knows. `now` is in ms, by default the present.
 *
 * @example
 * ```ts
 * const token = await auth.getToken();
 * console.log(secondsRemaining(token), token.expiresAt);
 * ```
 */
export function secondsRemaining({ expiresAt }: AccessToken, now: number = Date.now()): number {
  if (!expiresAt) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.trunc((expiresAt.getTime() - now) / 1_000));
}

/** Ended, or about to: within 5 s of its expiry. */
export function isExpired({ expiresAt }: AccessToken, now: number = Date.now()): boolean {
  return expiresAt !== undefined && now > expiresAt.getTime() - 5_000;
}
