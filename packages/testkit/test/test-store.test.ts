import { createHash } from "node:crypto";
import { setImmediate as macrotask } from "node:timers/promises";
import { AuthError, locked, memoryStore, type Stored, type TokenStore } from "@auth/core";
import { describe, expect, test } from "vitest";
import { captureOutput, type StoreSuite, testStore } from "../src/index.ts";
import { failures, outcomes } from "./collect.ts";

type Suite = Omit<StoreSuite, "describe" | "test">;

/** Data that several handles share, as a file would. */
class Disk {
  readonly entries = new Map<string, Stored>();
  readonly lock: TokenStore = memoryStore();
  writes = 0;
  tail: Promise<unknown> = Promise.resolve();
}

/** What a careful author writes, with I/O that takes a turn. */
function careful(disk: Disk): TokenStore {
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

function suiteOf(make: (disk: Disk) => TokenStore): Suite {
  let disk: Disk;
  return {
    name: "disk",
    create: () => {
      disk = new Disk();
      return make(disk);
    },
    open: () => make(disk),
    hangMs: 100,
  };
}

const run = async (make: (disk: Disk) => TokenStore): Promise<string[]> => {
  const suite = suiteOf(make);
  const { result } = await captureOutput(() =>
    failures((framework) => testStore({ ...framework, ...suite })),
  );
  return result;
};

/** The careful store with something else in it. */
const but =
  (change: (inner: TokenStore, disk: Disk) => Partial<TokenStore>) =>
  (disk: Disk): TokenStore => {
    const inner = careful(disk);
    return { ...inner, ...change(inner, disk) };
  };

const timedOut = (message = "disk: the lock is held; try again"): AuthError =>
  new AuthError("ERR_AUTH_UNREACHABLE", "lock-timeout", message);

test("careful stores pass", async () => {
  expect(await run(careful)).toEqual([]);
  expect(
    await run((disk) => locked({ ...careful(disk), withLock: undefined as never }, disk.lock as never)),
  ).toEqual([]);
  expect(
    await failures((framework) => testStore({ ...framework, name: "memory", create: memoryStore })),
  ).toEqual([]);
});

const mutants: Record<string, { make: (disk: Disk) => TokenStore; fails: RegExp[] }> = {
  "answers null for absent": {
    make: but((inner) => ({ read: async (key) => (await inner.read(key)) ?? (null as never) })),
    fails: [
      /^a key that was never/,
      /deleting reports/,
      /expects another/,
      /do not disturb/,
      /any text/,
      /preparing/,
      /other sees/,
    ],
  },
  "trims its texts": {
    make: but((inner) => ({ write: (key, value, expected) => inner.write(key, value.trim(), expected) })),
    fails: [/line breaks/, /blanks around/, /control characters/],
  },
  "turns CRLF into LF": {
    make: but((inner) => ({
      write: (key, value, expected) => inner.write(key, value.replaceAll("\r\n", "\n"), expected),
    })),
    fails: [/line breaks/],
  },
  "keeps JSON parsed": {
    make: but((inner) => ({
      async read(key) {
        const found = await inner.read(key);
        if (!found?.value.startsWith("{")) return found;
        return { ...found, value: JSON.stringify(JSON.parse(found.value), ["a"]) };
      },
    })),
    fails: [/JSON in it/, /token record/],
  },
  "decodes hex": {
    make: but((inner) => ({
      async read(key) {
        const found = await inner.read(key);
        if (!found || !/^(?:[\da-f]{2})+$/.test(found.value)) return found;
        return { ...found, value: Buffer.from(found.value, "hex").toString("latin1") };
      },
    })),
    fails: [/hex-like/, /one holder/],
  },
  "cuts long texts": {
    make: but((inner) => ({
      write: (key, value, expected) => inner.write(key, value.slice(0, 32_768), expected),
    })),
    fails: [/64 KiB/],
  },
  "knows ASCII only": {
    make: but((inner) => ({
      write: (key, value, expected) =>
        inner.write(key, Buffer.from(value, "latin1").toString("latin1"), expected),
    })),
    fails: [/several scripts/, /control characters/, /any text/],
  },
  "compares nothing": {
    make: but((_, disk) => ({
      async write(key, value) {
        const generation = `${++disk.writes}`;
        disk.entries.set(key, { value, generation });
        return generation;
      },
    })),
    fails: [/expects nothing/, /every write has/, /expects another/, /one wins/],
  },
  "compares before it waits": {
    make: but((_, disk) => ({
      async write(key, value, expected) {
        if (disk.entries.get(key)?.generation !== expected) return undefined;
        await macrotask();
        const generation = `${++disk.writes}`;
        disk.entries.set(key, { value, generation });
        return generation;
      },
    })),
    fails: [/one wins/],
  },
  "compares only if something is expected": {
    make: but((_, disk) => ({
      async write(key, value, expected) {
        if (expected !== undefined && disk.entries.get(key)?.generation !== expected) return undefined;
        const generation = `${++disk.writes}`;
        disk.entries.set(key, { value, generation });
        return generation;
      },
    })),
    fails: [/expects nothing/, /one wins/],
  },
  "writes, and then reports a conflict": {
    make: but((inner, disk) => ({
      async write(key, value, expected) {
        const generation = await inner.write(key, value, expected);
        if (!generation) disk.entries.set(key, { value, generation: `${++disk.writes}` });
        return generation;
      },
    })),
    fails: [/expects nothing/, /every write has/, /expects another/, /one wins/],
  },
  "takes the text for the generation": {
    make: but((_, disk) => ({
      async write(key, value, expected) {
        if (disk.entries.get(key)?.generation !== expected) return undefined;
        disk.entries.set(key, { value, generation: createHash("sha256").update(value).digest("hex") });
        return disk.entries.get(key)?.generation;
      },
    })),
    fails: [/every write has/],
  },
  "counts generations from 1 after each deletion": {
    make: but((_, disk) => ({
      async write(key, value, expected) {
        const present = disk.entries.get(key)?.generation;
        if (present !== expected) return undefined;
        const generation = `${Number(present ?? 0) + 1}`;
        disk.entries.set(key, { value, generation });
        return generation;
      },
    })),
    fails: [/every write has/],
  },
  "shows the text in the generation": {
    make: but((_, disk) => ({
      async write(key, value, expected) {
        if (disk.entries.get(key)?.generation !== expected) return undefined;
        const generation = `${++disk.writes}-${Buffer.from(value).toString("base64url")}`;
        disk.entries.set(key, { value, generation });
        return generation;
      },
    })),
    fails: [/^SEC-1 /],
  },
  "keeps its entries in a property": {
    make: but((_, disk) => ({ entries: disk.entries }) as never),
    fails: [/^SEC-1 /],
  },
  "quotes what it keeps in the error of a lock": {
    make: but((inner, disk) => ({
      withLock: (key, work, options) =>
        inner.withLock?.(key, work, options).catch((error: unknown) => {
          throw error instanceof AuthError ? timedOut(`disk: held, ${disk.entries.get(key)?.value}`) : error;
        }) as never,
    })),
    fails: [/^SEC-79/],
  },
  "deletes whatever is expected": {
    make: but((inner) => ({ delete: (key) => inner.delete(key) })),
    fails: [/deleting reports/],
  },
  "always reports a deletion": {
    make: but((inner) => ({ delete: async (key, expected) => (await inner.delete(key, expected)) || true })),
    fails: [/deleting reports/],
  },
  "has one entry for all keys": {
    make: but((inner) => ({
      read: () => inner.read("all"),
      write: (_, value, expected) => inner.write("all", value, expected),
      delete: (_, expected) => inner.delete("all", expected),
    })),
    fails: [/do not disturb/, /any text/],
  },
  "makes file names of its keys": {
    make: but((inner) => {
      const file = (key: string): string => key.toLowerCase().replace(/\W/g, "_");
      return {
        read: (key) => inner.read(file(key)),
        write: (key, value, expected) => inner.write(file(key), value, expected),
        delete: (key, expected) => inner.delete(file(key), expected),
      };
    }),
    fails: [/any text/],
  },
  "lists what was deleted": {
    make: but(() => ({
      async *keys() {
        yield* ["one", "two"];
      },
    })),
    fails: [/do not disturb/, /any text/],
  },
  "writes a draft when it prepares": {
    make: but((inner) => ({ prepare: async (key) => void (await inner.write(key, "", undefined)) })),
    fails: [/^SEC-58/],
  },
  "changes the generation when it prepares": {
    make: but((inner) => ({
      async prepare(key) {
        const found = await inner.read(key);
        if (found) await inner.write(key, found.value, found.generation);
      },
    })),
    fails: [/^SEC-58/],
  },
  "reads once and keeps it": {
    make: but((inner) => {
      const kept = new Map<string, Stored | undefined>();
      return {
        async read(key) {
          if (!kept.has(key)) kept.set(key, await inner.read(key));
          return kept.get(key);
        },
      };
    }),
    fails: [/other sees/, /one holder/],
  },
  "closes what the others use when it is disposed": {
    make: but((_, disk) => ({ [Symbol.asyncDispose]: async () => disk.entries.clear() })),
    fails: [/harmless, also/],
  },
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
  "has a name that differs": {
    make: (disk) => ({ ...careful(disk), name: `disk ${Math.random()}` }),
    fails: [/^its name/],
  },
};

describe("a store fails that", () => {
  test.each(Object.entries(mutants))("%s", async (_, { make, fails }) => {
    const failed = await run(make);
    for (const expected of fails)
      expect(failed, `expected ${expected} to fail`).toContainEqual(expect.stringMatching(expected));
    const others = failed.filter((title) => !fails.some((expected) => expected.test(title)));
    expect(others, "and nothing else").toEqual([]);
  });
});

test("a store without a lock needs a reason", async () => {
  const suite = suiteOf((disk) => {
    const { withLock: _, ...bare } = careful(disk);
    return bare;
  });
  const failed = await failures((framework) => testStore({ ...framework, ...suite }));
  expect(failed).toHaveLength(6);
  const why = "locked(store, fileLock) brings one";
  const skip = { lock: why, lockTimeout: why, lockAbort: why };
  const results = await outcomes((framework) => testStore({ ...framework, ...suite, skip }));
  expect(results.filter((each) => each.skipped)).toHaveLength(6);
  expect(results.filter((each) => "error" in each)).toEqual([]);
});

test("a store that takes only its own kind of text is given that", async () => {
  const strict = but((inner) => ({
    write: async (key, value, expected) => {
      if (!value.startsWith("<v>"))
        throw new AuthError("ERR_AUTH_INVALID", "store-corrupted", "disk: not ours");
      return inner.write(key, value, expected);
    },
  }));
  const wrap = { in: (text: string) => `<v>${text}`, out: (value: string) => value.slice(3) };
  const suite = suiteOf(strict);
  const results = await outcomes((framework) =>
    testStore({ ...framework, ...suite, wrap, skip: { record: "it takes no records" } }),
  );
  expect(results.filter((each) => "error" in each)).toEqual([]);
});
