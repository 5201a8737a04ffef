import { waitFor } from "./wait.ts";

/** The only way this library learns the time, waits, or draws a number. Replace it in tests with the testkit's `fakeClock`. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number;
  /** Monotonic clock, ms since some fixed instant. */
  monotonic(): number;
  /** A number in [0, 1). */
  random(): number;
  /**
   * Resolves after `ms`; rejects with the signal's reason. A `background` wait does not keep the process alive.
   * Longer waits than 2³¹−1 ms end there (L9).
   */
  sleep(
    ms: number,
    options?: { readonly signal?: AbortSignal | undefined; readonly background?: boolean },
  ): Promise<void>;
}

/** The real one. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  sleep(ms, { signal, background } = {}) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(Math.max(ms, 0), 2 ** 31 - 1));
      if (background) (timer as { unref?(): void }).unref?.();
    });
    return waitFor(over, signal).finally(() => clearTimeout(timer));
  },
};
