import { type Clock, systemClock } from "@auth/core";

/** A clock for those who only look: it can be put ahead, and what is drawn by lot is known. */
export interface LookingClock extends Clock {
  aheadMs: number;
  /** Like a random number: at least 0, less than 1. */
  lot: number;
}

export function lookingClock(): LookingClock {
  const clock: LookingClock = {
    aheadMs: 0,
    lot: 0,
    now: () => systemClock.now() + clock.aheadMs,
    monotonic: () => systemClock.monotonic() + clock.aheadMs,
    random: () => clock.lot,
    sleep: (ms, options) => systemClock.sleep(ms, options),
  };
  return clock;
}
