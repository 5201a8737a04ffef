import type { FakeClock } from "@auth/testkit";

/**
 * Lets time pass over the pauses between attempts, and only then: while a socket is waited for, the clock stands still, however
 * long that takes. The limit on a whole read is a background wait, which alone moves nothing.
 */
export function overPauses<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  return clock.until(work, { paused: () => clock.pending.every(({ background }) => background) });
}
