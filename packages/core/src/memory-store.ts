import { type Clock, systemClock } from "./clock.ts";
import { failure } from "./errors.ts";
import { free, type Stored, type TokenStore } from "./store.ts";
import { waitFor } from "./wait.ts";

/**
 * Keeps tokens in this object and nowhere else: the default store. Several `Auth` of one program may share it.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant, credentials, store: memoryStore() });
 * ```
 */
export function memoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): TokenStore {
  const entries = new Map<string, Stored>();
  const queues = new Map<string, Promise<void>>();
  let writes = 0;

  return {
    name: "memory",
    read: async (key) => entries.get(key),
    async write(key, value, expected) {
      if (entries.get(key)?.generation !== expected) return undefined;
      const generation = `${++writes}`;
      entries.set(key, { value, generation });
      return generation;
    },
    async delete(key, expected) {
      if (expected !== undefined && entries.get(key)?.generation !== expected) return false;
      return entries.delete(key);
    },
    async *keys() {
      yield* entries.keys();
    },
    async withLock(key, work, { signal, waitMs = 30_000 } = {}) {
      const before = queues.get(key) ?? Promise.resolve();
      const turn = Promise.withResolvers<void>();
      const mine = before.then(() => turn.promise);
      queues.set(key, mine);
      void mine.then(() => queues.get(key) === mine && queues.delete(key));
      const patience = new AbortController();
      const tooLong = clock.sleep(waitMs, { signal: patience.signal }).then(() => {
        throw failure("UNREACHABLE", "lock-timeout", "memory", "the lock is taken. Try again.");
      });
      tooLong.catch(() => {}); // ended by the abort below, or already thrown by the race
      try {
        await waitFor(Promise.race([before, tooLong]), signal).finally(() => patience.abort());
        return await work(free);
      } finally {
        turn.resolve();
      }
    },
  };
}
