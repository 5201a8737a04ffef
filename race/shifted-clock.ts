import { type Clock, systemClock } from "@auth/core";

/** The real clock, moved ahead by leaps: an hour passes in no time, while waiting stays waiting. */
export interface ShiftedClock extends Clock {
  leap(ms: number): void;
}

export function shiftedClock(): ShiftedClock {
  let ahead = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    leap(ms) {
      ahead += ms;
    },
  };
}
