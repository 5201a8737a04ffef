import type { Clock } from "@auth/core";

/** Gives `work` so many ms. After that its signal is aborted, and the wait ends with a `TimeoutError` whatever `work` does. */
export async function within<T>(
  ms: number,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const finished = new AbortController();
  const late = new AbortController();
  const timeout = Promise.withResolvers<never>();
  clock.sleep(ms, { signal: finished.signal }).then(
    () => {
      late.abort(new DOMException("no answer in time", "TimeoutError"));
      timeout.reject(late.signal.reason);
    },
    () => {}, // finished in time
  );
  try {
    return await Promise.race([work(late.signal), timeout.promise]);
  } finally {
    finished.abort();
  }
}
