import { AuthError, type Clock, isAuthError, type TokenSet } from "@auth/core";
import { longestPauseMs } from "./send.ts";

export interface Polling {
  /** The grant's. */
  readonly name: string;
  readonly intervalMs: number;
  /** On the monotonic clock: then nobody asks any more. */
  readonly endsAt: number;
}

/** Timers go off early, and clocks differ: no server should see us come before its interval is over. */
const marginMs = 100;
const longestIntervalMs = 60_000;

/**
 * Asks until the person has decided (RFC 8628 §3.5, SEC-94). An answer that gets lost means asking less often, and no end.
 *
 * Errors: `ERR_AUTH_DENIED/login-denied`, `ERR_AUTH_INTERACTION_REQUIRED/login-timeout`, and what else `ask` fails with.
 */
export async function pollTokens(
  ask: () => Promise<TokenSet>,
  { name, intervalMs, endsAt }: Polling,
  clock: Clock,
  signal: AbortSignal,
): Promise<TokenSet> {
  const ended = (): AuthError => {
    const text = `${name}: nobody entered the code in time. Log in again to get a new one.`;
    return new AuthError("ERR_AUTH_INTERACTION_REQUIRED", "login-timeout", text, { provider: name });
  };

  /** The next interval; throws what is an end. */
  function next(error: unknown, interval: number): number {
    if (isAuthError(error, "ERR_AUTH_UNREACHABLE")) {
      const { retryAfterMs = 0 } = error;
      if (retryAfterMs > longestPauseMs) throw error;
      return Math.max(interval, Math.min(interval * 2, longestIntervalMs), retryAfterMs);
    }
    if (!isAuthError(error, "ERR_AUTH_GRANT")) throw error;
    if (error.error === "authorization_pending") return interval;
    if (error.error === "slow_down") return interval + 5_000;
    if (error.error === "expired_token") throw ended();
    // With another reason it is the client that was denied.
    if (error.error !== "access_denied" || error.reason !== "refused") throw error;
    const text = `${name}: the login was declined. Log in again if that was a mistake.`;
    throw new AuthError("ERR_AUTH_DENIED", "login-denied", text, { provider: name });
  }

  for (let interval = intervalMs; ; ) {
    const pause = interval + marginMs;
    const left = endsAt - clock.monotonic();
    await clock.sleep(Math.max(0, Math.min(pause, left)), { signal });
    if (left <= pause) throw ended();
    try {
      return await ask();
    } catch (error) {
      interval = next(error, interval);
    }
  }
}
