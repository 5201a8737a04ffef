/** Times of a lock, in ms (L10). */
export interface LockLimits {
  /** Between two signs of life of a holder. */
  readonly heartbeatMs: number;
  /** Without a sign of life for this long, a lock is stale. */
  readonly staleMs: number;
  /** The same for a holder that has sent something and cannot be looked up: as long as its request may take. */
  readonly sentStaleMs: number;
  /** How long after the last sign of life of a holder that is known to be dead what it has sent may still be on its way. */
  readonly settleMs: number;
}

/** What a waiter knows of the holder. */
export interface Observation {
  /** Its process has ended for certain. */
  readonly ended: boolean;
  /** It is a living process of this machine: `other`, or our own. Neither: nobody can tell. */
  readonly alive: "other" | "own" | undefined;
  /** It has noted that it sends, or is just letting go. */
  readonly frozen: boolean;
  /** Since its last sign of life, by two wall clocks that need not agree. */
  readonly ageMs: number;
  /** For how long the waiter has watched without seeing a sign of life. */
  readonly silentMs: number;
}

/**
 * Whether a lock may be taken over (SEC-78). What was not frozen may be taken from a living holder too, because that one
 * will be refused when it wants to send; what was frozen never from one that is known to live, stopped or not.
 */
export function mayTakeOver(seen: Observation, limits: LockLimits): boolean {
  // A clock that was set back makes a time in the future: as old as it is far away.
  const age = Math.abs(seen.ageMs);
  if (seen.ended) return !seen.frozen || age >= limits.settleMs || seen.silentMs >= limits.settleMs;
  // Clocks of two machines may differ and a machine may have slept: only who has listened himself calls it silence.
  const silentFor = (ms: number): boolean =>
    seen.silentMs >= ms || (age >= ms && seen.silentMs >= 2 * limits.heartbeatMs);
  if (!seen.frozen) return silentFor(limits.staleMs);
  // A thread of our own process may have been ended without a trace; the process was not stopped, since we run.
  return seen.alive !== "other" && silentFor(limits.sentStaleMs);
}
