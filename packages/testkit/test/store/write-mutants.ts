import { createHash } from "node:crypto";
import { setImmediate as macrotask } from "node:timers/promises";
import { AuthError, type Stored } from "@auth/core";
import { but, type Mutant, timedOut } from "./careful.ts";

/** What goes wrong with how a store writes. */
export const writeMutants: Readonly<Record<string, Mutant>> = {
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
};
