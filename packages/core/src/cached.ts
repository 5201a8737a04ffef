import { type Clock, systemClock } from "./clock.ts";
import type { Credential } from "./credential.ts";
import { toAuthError } from "./errors.ts";
import { look } from "./explain.ts";
import type { GetOptions, Provider } from "./provider.ts";
import { waitFor } from "./wait.ts";

export interface CachedOptions {
  /** How long a value is served without reading again, in ms; its own `expiresAt` ends it earlier. 0 reads every time. */
  readonly ttlMs: number;
  /** How long after that the old value is served while the source is `ERR_AUTH_UNREACHABLE`. Default 0: not at all. */
  readonly staleMs?: number;
  readonly clock?: Clock;
}

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly forced: boolean;
}

/**
 * Remembers what `provider` answered. Concurrent callers share one read, one caller's abort ends that caller's wait only, a
 * failure is given to all who wait and then forgotten, and `forceRefresh` reads past the cache.
 *
 * @example
 * ```ts
 * const provider = cached(fromVault, { ttlMs: 300_000, staleMs: 3_600_000 });
 * ```
 */
export function cached<T = Credential>(provider: Provider<T>, options: CachedOptions): Provider<T> {
  if (typeof provider?.get !== "function") throw new TypeError("cached: expected a provider, then { ttlMs }");
  const { ttlMs, staleMs = 0, clock = systemClock } = options ?? {};
  if (!(ttlMs >= 0) || !(staleMs >= 0)) throw new TypeError("cached: expected { ttlMs } with times in ms");
  let kept: { value: T; at: number; expiresAt: number } | undefined;
  let flight: Flight<T> | undefined;

  const within = (ms: number): typeof kept =>
    kept && clock.now() < kept.expiresAt && clock.monotonic() - kept.at < ms ? kept : undefined;

  function read(forced: boolean, asked: GetOptions): Promise<T> {
    const mine: Flight<T> = { forced, promise: load(forced, asked, () => flight === mine) };
    flight = mine;
    return mine.promise;
  }

  async function load(forced: boolean, asked: GetOptions, current: () => boolean): Promise<T> {
    await Promise.resolve(); // the flight must be in place before a source that throws synchronously gets here
    try {
      const value = await provider.get(forced ? { ...asked, forceRefresh: true } : asked);
      // An older, slower read never replaces what a forced one brought.
      if (current()) kept = { value, at: clock.monotonic(), expiresAt: expiry(value) };
      return value;
    } catch (thrown) {
      const error = toAuthError(thrown, provider.name);
      const away = error.code === "ERR_AUTH_UNREACHABLE";
      const stale = away && !forced && within(ttlMs + staleMs);
      if (stale) return stale.value;
      if (!away && current()) kept = undefined; // the source has taken back what it said
      throw error;
    } finally {
      if (current()) flight = undefined;
    }
  }

  return {
    name: provider.name,
    get interactive() {
      return provider.interactive === true;
    },
    async get({ signal, forceRefresh = false, ...asked } = {}) {
      signal?.throwIfAborted();
      const fresh = !forceRefresh && within(ttlMs);
      if (fresh) return fresh.value;
      return waitFor(
        flight && flight.forced >= forceRefresh ? flight.promise : read(forceRefresh, asked),
        signal,
      );
    },
    explain: (options) => look(provider, options),
    async [Symbol.asyncDispose]() {
      flight = kept = undefined; // what is still being read is not kept either
      await provider[Symbol.asyncDispose]?.();
    },
  };
}

function expiry(value: unknown): number {
  const { expiresAt } = Object(value) as { expiresAt?: unknown };
  return expiresAt instanceof Date ? expiresAt.getTime() : Number.POSITIVE_INFINITY;
}
