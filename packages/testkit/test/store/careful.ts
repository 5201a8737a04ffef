import { setImmediate as macrotask } from "node:timers/promises";
import { AuthError, memoryStore, type Stored, type TokenStore } from "@auth/core";
import type { StoreSuite } from "../../src/index.ts";

type Suite = Omit<StoreSuite, "describe" | "test">;

/** Data that several handles share, as a file would. */
export class Disk {
  readonly entries = new Map<string, Stored>();
  readonly lock: TokenStore = memoryStore();
  writes = 0;
  tail: Promise<unknown> = Promise.resolve();
}

/** What a careful author writes, with I/O that takes a turn. */
export function careful(disk: Disk): TokenStore {
  return {
    name: "disk",
    async read(key) {
      await macrotask();
      return disk.entries.get(key);
    },
    async write(key, value, expected) {
      await macrotask();
      if (disk.entries.get(key)?.generation !== expected) return undefined;
      const generation = `${++disk.writes}`;
      disk.entries.set(key, { value, generation });
      return generation;
    },
    async delete(key, expected) {
      await macrotask();
      if (expected !== undefined && disk.entries.get(key)?.generation !== expected) return false;
      return disk.entries.delete(key);
    },
    async *keys() {
      yield* disk.entries.keys();
    },
    prepare: () => macrotask(),
    withLock: (key, work, options) => disk.lock.withLock?.(key, work, options) as never,
    async [Symbol.asyncDispose]() {},
  };
}

export function suiteOf(make: (disk: Disk) => TokenStore): Suite {
  let disk: Disk;
  return {
    name: "disk",
    create: () => {
      disk = new Disk();
      return make(disk);
    },
    open: () => make(disk),
    hangMs: 1000,
  };
}

/** The careful store with something else in it. */
export const but =
  (change: (inner: TokenStore, disk: Disk) => Partial<TokenStore>) =>
  (disk: Disk): TokenStore => {
    const inner = careful(disk);
    return { ...inner, ...change(inner, disk) };
  };

export const timedOut = (message = "disk: the lock is held; try again"): AuthError =>
  new AuthError("ERR_AUTH_UNREACHABLE", "lock-timeout", message);

/** A store that breaks a promise, and the cases that see it. */
export interface Mutant {
  readonly make: (disk: Disk) => TokenStore;
  readonly fails: readonly RegExp[];
}
