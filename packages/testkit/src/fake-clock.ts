import { setImmediate as macrotask } from "node:timers/promises";
import type { Clock } from "@auth/core";

export interface FakeClockOptions {
  /** Wall clock at the start, ms since 1970. Default 2026-01-01T00:00:00Z. */
  readonly now?: number;
  /** What `random()` gives: a number in [0, 1), or a function of your own. Default 0.5. */
  readonly random?: number | (() => number);
}

/** One wait under way. */
export interface Sleeper {
  /** Time left on the monotonic clock, in ms. */
  readonly dueInMs: number;
  readonly background: boolean;
}

interface UntilOptions {
  readonly paused?: () => boolean;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

/** A {@link Clock} that stands still until it is told otherwise. */
export interface FakeClock extends Clock {
  /**
   * Moves both clocks by `ms` and wakes sleepers in the order they are due. The clocks stop at each of them and its
   * continuations run before the next, so a wait that starts another wait inside the span is served too.
   */
  advance(ms: number): Promise<void>;
  /** The same for the monotonic clock alone: the wall clock was held or set back meanwhile. */
  advanceMonotonic(ms: number): Promise<void>;
  /** Sets the wall clock alone; wakes nobody, as timers follow the monotonic clock. */
  setWall(ms: number): void;
  /** Moves the wall clock alone, back or forth: a suspended machine, a corrected clock. */
  shiftWall(ms: number): void;
  /** The waits under way, the next due first. */
  readonly pending: readonly Sleeper[];
  /**
   * Lets time pass until `work` settles: from wait to wait, in steps of 250 ms at most, and only while somebody waits.
   * `paused`: no time passes while it says so, because a real socket is waited for. Fails after `limitMs` on this clock,
   * by default ten minutes, and when the signal says so.
   */
  readonly until: <T>(work: Promise<T>, options?: UntilOptions) => Promise<T>;
  /** Resolves as soon as `count` waits are under way: the code under test has come to its sleep. Default 1. */
  sleeping(count?: number): Promise<void>;
}

interface Wait {
  readonly due: number;
  readonly background: boolean;
  readonly wake: () => void;
}

/**
 * A clock for tests: nothing sleeps, and time passes when `advance` says so.
 *
 * `sleep` honours its signal as the real clock does: the signal's own reason, at once if it was aborted before. A wait of
 * nothing ends by itself.
 *
 * @example
 * ```ts
 * const clock = fakeClock();
 * const auth = createAuth({ grant, credentials, clock });
 * await auth.getToken();
 * await clock.advance(3_600_000);
 * ```
 */
export function fakeClock({ now = Date.UTC(2026, 0, 1), random = 0.5 }: FakeClockOptions = {}): FakeClock {
  let wall = now;
  let monotonic = 1_000; // not 0, which code under test may take for "never"
  const waits = new Set<Wait>();
  const watchers = new Set<() => void>();

  const inOrder = (): Wait[] => [...waits].sort((a, b) => a.due - b.due); // stable: equal ones as they came

  async function pass(ms: number, wallFactor: 0 | 1): Promise<void> {
    if (!(ms >= 0))
      throw new TypeError("fakeClock: time passes by 0 ms or more; setWall moves the wall clock back");
    const end = monotonic + ms;
    const moveTo = (instant: number): void => {
      wall += (instant - monotonic) * wallFactor;
      monotonic = instant;
    };
    await settle(); // whoever was about to wait gets to it first
    for (;;) {
      const next = inOrder()[0];
      if (!next || next.due > end) break;
      moveTo(next.due);
      next.wake();
      await settle();
    }
    moveTo(end);
    await settle();
  }

  async function until<T>(
    work: Promise<T>,
    { paused, limitMs = 600_000, signal }: UntilOptions = {},
  ): Promise<T> {
    const limit = monotonic + limitMs;
    let settled = false;
    const finish = (): void => {
      settled = true;
    };
    work.then(finish, finish);
    for (await settle(); !settled; await moment()) {
      signal?.throwIfAborted();
      const next = inOrder()[0];
      if (!next || paused?.()) continue;
      if (monotonic >= limit) throw new Error(`fakeClock: nothing came of it within ${limitMs} ms`);
      await pass(Math.min(250, next.due - monotonic, limit - monotonic), 1);
    }
    return work;
  }

  return {
    now: () => wall,
    monotonic: () => monotonic,
    random: () => (typeof random === "number" ? random : random()),
    sleep: (ms, { signal, background = false } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = (): void => {
          waits.delete(wait);
          reject(signal?.reason);
        };
        const wake = (): void => {
          waits.delete(wait);
          signal?.removeEventListener("abort", leave);
          resolve();
        };
        const wait: Wait = { due: monotonic + Math.min(ms, 2 ** 31 - 1), background, wake };
        signal?.addEventListener("abort", leave, { once: true });
        waits.add(wait);
        if (!(ms > 0)) setImmediate(wake);
        for (const look of watchers) look();
      }),
    until,
    advance: (ms) => pass(ms, 1),
    advanceMonotonic: (ms) => pass(ms, 0),
    setWall(ms) {
      wall = ms;
    },
    shiftWall(ms) {
      wall += ms;
    },
    get pending() {
      return inOrder().map(({ due, background }) => ({ dueInMs: due - monotonic, background }));
    },
    sleeping: (count = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (waits.size < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}

const { setTimeout: timer } = globalThis; // the real one, whatever a test puts in its place

/** What no clock stands for takes real time: files, sockets, the signing of an assertion. */
const moment = (): Promise<void> => new Promise((resolve) => timer(resolve, 1));

/** Lets promise chains and already finished I/O run: a few turns of the event loop, no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await macrotask();
}
