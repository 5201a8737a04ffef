import type { FakeClock } from "@auth/testkit";

/** `promise`, with time passing until it settles; fails if it does not within `limitMs` (default ten minutes). */
export async function eventually<T>(clock: FakeClock, promise: Promise<T>, limitMs = 600_000): Promise<T> {
  let settled = false;
  const end = (): void => {
    settled = true;
  };
  promise.then(end, end);
  const limit = clock.monotonic() + limitMs;
  for (await clock.advance(0); !settled; ) {
    // Digests are made outside the event loop: whoever waits for one gets to go on first.
    await crypto.subtle.digest("SHA-256", new Uint8Array());
    await clock.advance(0);
    if (settled) break;
    const left = limit - clock.monotonic();
    if (left <= 0) throw new Error(`nothing came of it within ${limitMs} ms`);
    await clock.advance(Math.min(left, clock.pending[0]?.dueInMs ?? left));
  }
  return promise;
}
