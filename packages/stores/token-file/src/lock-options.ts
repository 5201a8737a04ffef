import type { Clock } from "@auth/core";
import type { LockLimits } from "./lock-verdict.ts";

/** What can be chosen about a lock. The defaults are for people's machines; tests and strict sites scale them. */
export interface LockOptions {
  /** Time between two signs of life of the holder, in ms. Default 5000. */
  readonly heartbeatMs?: number | undefined;
  /** A holder without a sign of life for this long may lose the lock, in ms. Default 30000; at least twice `heartbeatMs`. */
  readonly staleMs?: number | undefined;
  /**
   * The same for a holder that has sent a refresh token and cannot be looked up, because it runs on another machine or in
   * another container, in ms. Default 60000: as long as its request may take, and 30 s.
   */
  readonly sentStaleMs?: number | undefined;
  /**
   * Use a folder or file that other users may write or read, as on volumes that cannot express permissions. Default false.
   * What is written is for this user alone all the same, as far as the file system can tell.
   */
  readonly allowUnsafePermissions?: boolean | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/**
 * What a dead process of this machine had sent is on its way no longer than this. Waiting longer saves nothing: its answer is
 * nobody's, and where a server takes the same refresh token twice, it does so for a short while only.
 */
const settleMs = 1_000;

/** Throws `TypeError` for times that contradict each other. */
export function lockLimits(caller: string, options: LockOptions): LockLimits {
  const { heartbeatMs = 5_000, staleMs = 30_000, sentStaleMs = Math.max(60_000, staleMs) } = options;
  for (const [name, ms] of Object.entries({ heartbeatMs, staleMs, sentStaleMs })) {
    if (!(Number.isFinite(ms) && ms > 0))
      throw new TypeError(`${caller}: ${name} is a time in ms, more than 0`);
  }
  if (staleMs < 2 * heartbeatMs || sentStaleMs < staleMs)
    throw new TypeError(`${caller}: staleMs must be at least twice heartbeatMs, and sentStaleMs no less`);
  return { heartbeatMs, staleMs, sentStaleMs, settleMs: Math.min(settleMs, staleMs) };
}
