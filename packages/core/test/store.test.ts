import { createAuth, type Grant, locked, memoryStore, type TokenStore } from "@auth/core";
import { expect, test } from "vitest";
import { thrownBy } from "./support/outcome.ts";
import { hour, world } from "./support/world.ts";

/** A store without a lock that writes down how it is called. */
function lockless(log: unknown[]): TokenStore {
  const inner = memoryStore();
  const note =
    <A extends unknown[], R>(name: string, work: (...args: A) => R) =>
    (...args: A): R => {
      log.push([name, ...args]);
      return work(...args);
    };
  return {
    name: "lockless",
    read: note("read", (key: string) => inner.read(key)),
    write: note("write", (key: string, value: string, expected: string | undefined) =>
      inner.write(key, value, expected),
    ),
    delete: note("delete", (key: string, expected?: string) => inner.delete(key, expected)),
    prepare: note("prepare", (key: string) => inner.read(key).then(() => {})),
    keys: note("keys", () => inner.keys?.() as AsyncIterable<string>),
    [Symbol.asyncDispose]: note("dispose", async () => {}),
  };
}

test("a grant that refreshes refuses a store without a lock; with locked() it works", async () => {
  const here = world();
  const log: unknown[] = [];
  const store = lockless(log);
  const error = thrownBy(() => here.auth({ store })) as Error;
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain("locked(");
  const lock = memoryStore({ clock: here.clock }) as Required<TokenStore>;
  const auth = here.auth({ store: locked(store, lock) });
  await auth.getToken();
  await here.clock.advance(hour);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(log.map((call) => (call as string[])[0])).toContain("prepare");
});

test("a grant that does not refresh needs no lock", async () => {
  const here = world();
  const inner = here.server.grant();
  const grant: Grant = {
    name: "cc",
    partition: () => "cc",
    exchange: (credential, context) => inner.exchange(credential, context),
  };
  const auth = createAuth({ grant, store: lockless([]), clock: here.clock });
  expect((await auth.getToken()).reveal()).toBe("at-1");
});

test("locked passes everything on, and the lock is the other one's", async () => {
  const log: unknown[] = [];
  const store = lockless(log);
  const both = locked(store, {
    withLock: async (key, work, options) => {
      log.push(["lock", key, options]);
      return work({ signal: new AbortController().signal });
    },
  });
  expect(both.name).toBe("lockless");
  const generation = await both.write("k", "v", undefined);
  expect(await both.read("k")).toEqual({ value: "v", generation });
  await both.prepare?.("k");
  const found: string[] = [];
  for await (const key of both.keys?.() ?? []) found.push(key);
  expect(found).toEqual(["k"]);
  expect(await both.delete("k", generation)).toBe(true);
  const options = { waitMs: 5 };
  expect(await both.withLock?.("k", async () => "worked", options)).toBe("worked");
  await both[Symbol.asyncDispose]?.();
  expect(log).toEqual([
    ["write", "k", "v", undefined],
    ["read", "k"],
    ["prepare", "k"],
    ["keys"],
    ["delete", "k", generation],
    ["lock", "k", options],
    ["dispose"],
  ]);
});

test("locked has the optional abilities of the store, and no more", () => {
  const store = lockless([]);
  for (const ability of ["prepare", "keys", Symbol.asyncDispose]) Reflect.deleteProperty(store, ability);
  const both = locked(store, memoryStore() as Required<TokenStore>);
  expect(Reflect.get(both, "withLock")).toBeTypeOf("function");
  for (const ability of ["prepare", "keys", Symbol.asyncDispose])
    expect(Reflect.get(both, ability)).toBeUndefined();
});

/** A store that knows itself by a private field: called on anything else, it throws. */
class Vault implements TokenStore {
  readonly name = "vault";
  readonly #inner = memoryStore();
  read = undefined as never;
  static make(): TokenStore {
    const vault = new Vault();
    Reflect.deleteProperty(vault, "read");
    return Object.freeze(vault);
  }
  write(key: string, value: string, expected: string | undefined): Promise<string | undefined> {
    return this.#inner.write(key, value, expected);
  }
  delete(key: string, expected?: string): Promise<boolean> {
    return this.#inner.delete(key, expected);
  }
  async prepare(): Promise<void> {
    await this.#inner.read("");
  }
  keys(): AsyncIterable<string> {
    return this.#inner.keys?.() as AsyncIterable<string>;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner.read("");
  }
  get secretly(): unknown {
    return this.#inner;
  }
}
Object.defineProperty(Vault.prototype, "read", {
  value(this: Vault, key: string) {
    return (this.secretly as TokenStore).read(key);
  },
});

test("locked works over a frozen store, and over one with private fields", async () => {
  class Locker {
    readonly #held = new Set<string>();
    async withLock<T>(key: string, work: (lease: { signal: AbortSignal }) => Promise<T>): Promise<T> {
      this.#held.add(key);
      try {
        return await work({ signal: new AbortController().signal });
      } finally {
        this.#held.delete(key);
      }
    }
  }
  const both = locked(Vault.make(), Object.freeze(new Locker()));
  expect(both.name).toBe("vault");
  const generation = await both.write("k", "v", undefined);
  expect(await both.read("k")).toEqual({ value: "v", generation });
  await both.prepare?.("k");
  const found: string[] = [];
  for await (const key of both.keys?.() ?? []) found.push(key);
  expect(found).toEqual(["k"]);
  expect(await both.withLock("k", async () => "worked")).toBe("worked");
  expect(await both.delete("k")).toBe(true);
  await both[Symbol.asyncDispose]?.();
});

test("locked says that a store is shared with a foreign program", () => {
  const lock = memoryStore() as Required<TokenStore>;
  expect(locked({ ...memoryStore(), foreign: true }, lock).foreign).toBe(true);
  expect("foreign" in locked(memoryStore(), lock)).toBe(false);
});
