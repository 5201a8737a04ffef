import { mock } from "node:test";
import { type FakeClock, fakeClock } from "@auth/testkit";

/** Time that passes when it is told to, for all: those that take a clock, and those that take `Date` and timers. */
export interface VirtualTime extends Disposable {
  readonly clock: FakeClock;
  advance(ms: number): Promise<void>;
  /** Lets it pass, ms by ms, until `work` is settled. */
  until<T>(work: Promise<T>): Promise<T>;
}

/** One at a time. `seed`: of the chance that the clock gives. */
export function virtualTime(seed: number): VirtualTime {
  const now = Date.UTC(2026, 0, 1);
  const clock = fakeClock({ now, random: seeded(seed) });
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now });
  const advance = async (ms: number): Promise<void> => {
    mock.timers.tick(ms);
    await clock.advance(ms);
  };
  return {
    clock,
    advance,
    async until(work) {
      let settled = false;
      const finish = (): void => {
        settled = true;
      };
      work.then(finish, finish);
      while (!settled) await advance(1);
      return work;
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}

/** The same chance in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
