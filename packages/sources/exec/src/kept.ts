import { type Clock, cached, type Provider } from "@auth/core";

/**
 * Keeps a value that says when it ends until then, and any other for `ttlMs`. Two of core's caches, one inside the other:
 * the inner one keeps what it has for as long as it lasts, the outer one asks again after `ttlMs`, and only what does not
 * say when it ends is then read anew.
 */
export function kept<T>(provider: Provider<T>, ttlMs: number, clock: Clock): Provider<T> {
  if (ttlMs === 0) return provider;
  let lasting = true;
  const source: Provider<T> = {
    ...provider,
    async get(options) {
      const value = await provider.get(options);
      lasting = (Object(value) as { expiresAt?: unknown }).expiresAt instanceof Date;
      return value;
    },
  };
  const untilExpiry = cached(source, { ttlMs: Number.POSITIVE_INFINITY, clock });
  const again: Provider<T> = {
    ...untilExpiry,
    interactive: provider.interactive === true,
    get: ({ forceRefresh = false } = {}) => untilExpiry.get({ forceRefresh: forceRefresh || !lasting }),
  };
  return cached(again, { ttlMs, clock });
}
