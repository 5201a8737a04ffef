import { type Clock, systemClock } from "./clock.ts";
import type { Credential } from "./credential.ts";
import { type AuthError, type AuthErrorCode, toAuthError } from "./errors.ts";
import { look } from "./explain.ts";
import type { GetOptions, Provider } from "./provider.ts";
import { waitFor } from "./wait.ts";

export interface CachedOptions {
  /** How long a value is served without reading again, in ms; its own `expiresAt` ends it earlier. 0 reads every time. */
  readonly ttlMs: number;
  /** How long after that the old value is served while the source is `ERR_AUTH_UNREACHABLE`. Default 0: not at all. */
  readonly staleMs?: number;
  /**
   * How long "not found" and "denied" are remembered, in ms (L16): a program that asks again and again is no reason to ask a
   * vault each time. `forceRefresh` asks. Default 5000; 0: not at all.
   */
  readonly missMs?: number;
  readonly clock?: Clock;
}

interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

/** What a source says that has been reached, and has nothing for us. */
const misses: ReadonlySet<AuthErrorCode> = new Set(["ERR_AUTH_NOT_FOUND", "ERR_AUTH_DENIED"]);

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly forced: boolean;
}

/**
 * Remembers what `provider` answered. Concurrent callers share one read, one caller's abort ends that caller's wait only, a
 * failure is given to all who wait and then forgotten (but see `missMs`), and `forceRefresh` reads past the cache. Time is what
 * passed by the faster of the two clocks: one of them stands still while a machine sleeps.
 *
 * @example
 * ```ts
 * const provider = cached(fromVault, { ttlMs: 300_000, staleMs: 3_600_000 });
 * ```
 */
export function cached<T = Credential>(provider: Provider<T>, options: CachedOptions): Provider<T> {
  if (typeof provider?.get !== "function") throw new TypeError("cached: expected a provider, then { ttlMs }");
  const { ttlMs, staleMs = 0, missMs = 5_000, clock = systemClock } = options ?? {};
  if (![ttlMs, staleMs, missMs].every((ms) => ms >= 0))
    throw new TypeError("cached: expected { ttlMs } with times in ms");
  let kept: { value: T; at: Instant; expiresAt: number } | undefined;
  let missed: { error: AuthError; at: Instant } | undefined;
  let flight: Flight<T> | undefined;

  const now = (): Instant => ({ wall: clock.now(), monotonic: clock.monotonic() });
  const age = (at: Instant): number => Math.max(clock.now() - at.wall, clock.monotonic() - at.monotonic);
  const within = (ms: number): typeof kept =>
    kept && clock.now() < kept.expiresAt && age(kept.at) < ms ? kept : undefined;

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
      if (current()) {
        kept = { value, at: now(), expiresAt: expiry(value) };
        missed = undefined;
      }
      return value;
    } catch (thrown) {
      const error = toAuthError(thrown, provider.name);
      const away = error.code === "ERR_AUTH_UNREACHABLE";
      const stale = away && !forced && within(ttlMs + staleMs);
      if (stale) return stale.value;
      if (!away && current()) {
        kept = undefined; // the source has taken back what it said
        missed = misses.has(error.code) ? { error, at: now() } : undefined;
      }
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
      if (!forceRefresh && missed && age(missed.at) < missMs) throw missed.error;
      return waitFor(
        flight && flight.forced >= forceRefresh ? flight.promise : read(forceRefresh, asked),
        signal,
      );
    },
    explain: (options) => look(provider, options),
    async [Symbol.asyncDispose]() {
      flight = kept = missed = undefined; // what is still being read is not kept either
      await provider[Symbol.asyncDispose]?.();
    },
  };
}

function expiry(value: unknown): number {
  const { expiresAt } = Object(value) as { expiresAt?: unknown };
  return expiresAt instanceof Date ? expiresAt.getTime() : Number.POSITIVE_INFINITY;
}
