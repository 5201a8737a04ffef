/** Times of a lock, in ms (L10). */
export interface LockLimits {
  readonly heartbeatMs: number;
  readonly staleMs: number;
  readonly sentStaleMs: number;
}

export interface LockOptions {
  /** Time between two signs of life of the holder, in ms. Default 5000. */
  readonly heartbeatMs?: number | undefined;
  /** A holder without a sign of life for this long loses the lock, in ms. Default 30000; at least twice `heartbeatMs`. */
  readonly staleMs?: number | undefined;
  /**
   * The same for a holder that has sent a refresh token, in ms. Default 60000: as long as its request may take, and 30 s, since
   * nobody can tell whether it is dead or its answer is on the way.
   */
  readonly sentStaleMs?: number | undefined;
}

/** Throws `TypeError` for times that contradict each other. */
export function lockLimits(options: LockOptions): LockLimits {
  const { heartbeatMs = 5_000, staleMs = 30_000, sentStaleMs = Math.max(60_000, staleMs) } = options;
  for (const [name, ms] of Object.entries({ heartbeatMs, staleMs, sentStaleMs })) checkTime(name, ms);
  if (staleMs < 2 * heartbeatMs || sentStaleMs < staleMs)
    throw new TypeError(
      "redisStore: staleMs must be at least twice heartbeatMs, and sentStaleMs no less than staleMs",
    );
  return { heartbeatMs, staleMs, sentStaleMs };
}

/** The server counts in whole ms. */
export function checkTime(name: string, ms: unknown): void {
  if (!(Number.isSafeInteger(ms) && Number(ms) > 0))
    throw new TypeError(`redisStore: ${name} is a time in whole ms, more than 0`);
}
