import type { Clock } from "@auth/core";

/**
 * Gives `work` so many ms. After that, or as soon as `ended` says so, its signal is aborted and the wait is over, whatever
 * `work` does: too late is a `TimeoutError`, else it is the reason of `ended`.
 */
export async function within<T>(
  ms: number,
  { clock, ended }: { readonly clock: Clock; readonly ended: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const finished = new AbortController();
  const late = new AbortController();
  const signal = AbortSignal.any([ended, late.signal]);
  const over = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => over.reject(signal.reason), { once: true });
  clock.sleep(ms, { signal: finished.signal }).then(
    () => late.abort(new DOMException("no answer in time", "TimeoutError")),
    () => {}, // finished in time
  );
  try {
    return await Promise.race([work(signal), over.promise]);
  } finally {
    finished.abort();
  }
}
