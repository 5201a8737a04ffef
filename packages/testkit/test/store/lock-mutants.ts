import { AuthError, memoryStore } from "@auth/core";
import { but, careful, type Mutant, timedOut } from "./careful.ts";

/** What goes wrong with a store's lock. */
export const lockMutants: Readonly<Record<string, Mutant>> = {
  "locks nothing": {
    make: but(() => ({ withLock: async (_, work) => work({ signal: new AbortController().signal }) })),
    fails: [/one holder/, /^SEC-79/, /^SEC-28/],
  },
  "locks within one handle only": {
    make: (disk) => {
      const own = memoryStore();
      return {
        ...careful(disk),
        withLock: (key, work, options) => own.withLock?.(key, work, options) as never,
      };
    },
    fails: [/one holder/, /^SEC-79/, /^SEC-28/],
  },
  "has one lock for all keys": {
    make: but((inner) => ({
      withLock: (_, work, options) => inner.withLock?.("all", work, options) as never,
    })),
    fails: [/hold up another/],
  },
  "keeps the lock after a failure": {
    make: but((inner, disk) => ({
      withLock: (key, work, options) => {
        if (disk.entries.has("stuck")) return new Promise(() => {});
        const marked: typeof work = (lease) =>
          work(lease).catch((error: unknown) => {
            disk.entries.set("stuck", { value: "", generation: "" });
            throw error;
          });
        return inner.withLock?.(key, marked, options) as never;
      },
    })),
    fails: [/passes results/],
  },
  "hands the failure of one holder to the next": {
    make: but((_, disk) => ({
      withLock: (_key, work) => {
        const mine = disk.tail.then(() => work({ signal: new AbortController().signal }));
        disk.tail = mine;
        return mine;
      },
    })),
    fails: [/passes results/, /has thrown/, /hold up another/, /^SEC-79/, /^SEC-28/],
  },
  "swallows the failure of the work": {
    make: but((inner) => ({
      withLock: (key, work, options) =>
        inner.withLock?.(key, (lease) => work(lease).catch(() => {}), options) as never,
    })),
    fails: [/passes results/, /has thrown/],
  },
  "waits for ever": {
    make: but((inner) => ({
      withLock: (key, work, options) =>
        inner.withLock?.(key, work, options?.signal ? { signal: options.signal } : {}) as never,
    })),
    fails: [/^SEC-79/],
  },
  "runs the work of those that gave up": {
    make: but((_, disk) => ({
      withLock: (key, work, { signal, waitMs = 1000 } = {}) => {
        const mine = disk.lock.withLock?.(key, work) as Promise<never>;
        mine.catch(() => {});
        return new Promise((resolve, reject) => {
          mine.then(resolve, reject);
          setTimeout(() => reject(timedOut()), waitMs);
          signal?.addEventListener("abort", () => reject(signal.reason));
          if (signal?.aborted) reject(signal.reason);
        });
      },
    })),
    fails: [/^SEC-79/, /^SEC-28/],
  },
  "has another reason for a held lock": {
    make: but((inner) => ({
      withLock: (key, work, options) =>
        inner.withLock?.(key, work, options).catch((error: unknown) => {
          throw error instanceof AuthError ? new AuthError(error.code, "busy", error.message) : error;
        }) as never,
    })),
    fails: [/^SEC-79/],
  },
  "ignores the signal of a wait": {
    make: but((inner) => ({
      withLock: (key, work, options) =>
        inner.withLock?.(key, work, options?.waitMs ? { waitMs: options.waitMs } : {}) as never,
    })),
    fails: [/^SEC-28/],
  },
};
