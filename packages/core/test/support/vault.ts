import { type CachedOptions, cached, type GetOptions, type Provider } from "@auth/core";
import { type FakeClock, fakeClock } from "@auth/testkit";

/** A source that counts its reads, and answers `v1`, `v2` … */
export interface Vault extends Provider<unknown> {
  readonly reads: (boolean | undefined)[];
  /** Called before a read answers: throws to fail it, waits to hold it. */
  before: () => unknown;
}

/** A {@link Vault}, with a cache in front of it. */
export function vault(options: Partial<CachedOptions> = {}): {
  clock: FakeClock;
  source: Vault;
  provider: Provider<unknown>;
} {
  const clock = fakeClock();
  const source: Vault = {
    name: "vault",
    reads: [],
    before: () => {},
    async get({ forceRefresh }: GetOptions = {}) {
      source.reads.push(forceRefresh);
      const value = `v${source.reads.length}`;
      await source.before();
      return value;
    },
  };
  return { clock, source, provider: cached(source, { ttlMs: 1_000, clock, ...options }) };
}
