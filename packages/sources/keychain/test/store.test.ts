import { AccessToken, encodeRecord, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { keychainStore } from "../src/index.ts";
import { failing } from "./support/failing.ts";
import { memory } from "./support/memory.ts";

/** A store in memory, and a look at what is in it. */
function world() {
  const keychain = memory();
  const store = keychainStore({ service: "acme", backend: "napi", client: keychain.napi });
  const prepare = async (key: string): Promise<void> => store.prepare?.(key);
  return { keychain, items: keychain.items, store, prepare };
}

test("one login is one item, with its name as account", async () => {
  const { items, store } = world();
  const tokens = {
    accessToken: new AccessToken("a".repeat(2_000)),
    refreshToken: new Secret("r".repeat(2_000)),
  };
  const generation = await store.write("work", encodeRecord({ tokens }), undefined);
  await store.write("work", encodeRecord({ tokens, partition: "p" }), generation);
  expect([...items.keys()]).toEqual(["acme/work"]);
});

test.each([
  ["work", "work"],
  ["alice@acme.example", "alice@acme.example"],
  ["Work", "Work #"],
  ["work\n", "work_ #"],
  ["ключ", "____ #"],
  ["", " #"],
  ["x".repeat(129), `${"x".repeat(64)} #`],
])("a person can read whose login it is: %j", async (key, account) => {
  const { items, store } = world();
  await store.write(key, "text", undefined);
  const [name = ""] = items.keys();
  expect(name.startsWith(`acme/${account}`)).toBe(true);
  expect(name).toMatch(/^[ -~]{1,120}$|^acme\/[^#]+$/);
});

test("names that differ in case or length alone have items that differ in more", async () => {
  const { items, store } = world();
  const keys = ["work", "Work", "WORK", `x${"y".repeat(200)}`, `x${"y".repeat(201)}`];
  for (const key of keys) await store.write(key, key, undefined);
  expect(new Set([...items.keys()].map((name) => name.toLowerCase())).size).toBe(keys.length);
});

const foreign = { code: "ERR_AUTH_INVALID", reason: "foreign-item" };

test.each([
  ["a password", "correct horse"],
  ["JSON", '{"username":"alice","password":"correct horse"}'],
  ["a number", "12"],
  ["null", "null"],
  ["nothing", ""],
  ["a login of another name", '{"schema":1,"owner":["acme","home"],"generation":"g","value":"v"}'],
  ["a login of another service", '{"schema":1,"owner":["other","work"],"generation":"g","value":"v"}'],
  [
    "a login that Windows gives the same name",
    '{"schema":1,"owner":["b.acme","work"],"generation":"g","value":"v"}',
  ],
])("what is not of this store is neither replaced nor deleted: %s", async (_, text) => {
  const { items, store, prepare } = world();
  items.set("acme/work", text);
  expect(await failing(store.read("work"))).toMatchObject(foreign);
  expect(await failing(prepare("work"))).toMatchObject(foreign);
  expect(await failing(store.write("work", "text", undefined))).toMatchObject(foreign);
  expect(await failing(store.write("work", "text", "g"))).toMatchObject(foreign);
  expect(await failing(store.delete("work"))).toMatchObject(foreign);
  expect(items.get("acme/work")).toBe(text);
});

const damaged = { code: "ERR_AUTH_INVALID", reason: "store-corrupted" };

test.each([
  '{"schema":1,"owner":["acme","work"],"generation":"g","value":7}',
  '{"schema":1,"owner":["acme","work"],"value":"no generation"}',
  '{"schema":1,"owner":["acme","work"],"generation":"g","value":"v","parts":2}',
  '{"schema":1,"owner":["acme","work"],"generation":"g","parts":1e9}',
  '{"schema":1,"owner":["acme","work"],"generation":"g","parts":0}',
  '{"schema":1,"owner":["acme","work"],"leftovers":[["g"]]}',
  '{"schema":1,"owner":["acme","work"],"generation":"g","parts":1}',
])("SEC-76 a damaged login is reported, and replaced by the next login alone: %s", async (text) => {
  const { items, store } = world();
  items.set("acme/work", text);
  expect(await failing(store.read("work"))).toMatchObject(damaged);
  expect(items.get("acme/work")).toBe(text);
  await store.write("work", "new", undefined);
  expect((await store.read("work"))?.value).toBe("new");
});

test("SEC-77 a login of a newer version stays as it is", async () => {
  const { items, store } = world();
  const text = '{"schema":2,"owner":["acme","work"],"generation":"g","value":"v"}';
  items.set("acme/work", text);
  const newer = { code: "ERR_AUTH_INVALID", reason: "store-version" };
  expect(await failing(store.read("work"))).toMatchObject(newer);
  expect(await failing(store.write("work", "new", undefined))).toMatchObject(newer);
  expect(await failing(store.delete("work"))).toMatchObject(newer);
  expect(items.get("acme/work")).toBe(text);
});

test("SEC-81 a login over 1 MiB is refused before the old one is touched", async () => {
  const { items, store } = world();
  const generation = await store.write("work", "old", undefined);
  const before = new Map(items);
  const error = await failing(store.write("work", "ä".repeat(524_289), generation));
  expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "secret-too-large" });
  expect(items).toEqual(before);
});

test("SEC-58 a keychain that takes no changes says so when it is asked to prepare", async () => {
  const { keychain, store, prepare } = world();
  await store.write("work", "old", undefined);
  keychain.onSet = () => {
    throw new Error("Cannot create an item in a locked collection");
  };
  for (const key of ["work", "another"])
    expect(await failing(prepare(key))).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "locked" });
  expect((await store.read("work"))?.value).toBe("old");
});

test("preparing leaves nothing behind", async () => {
  const { items, store, prepare } = world();
  await prepare("work");
  expect(items.size).toBe(0);
  await store.write("work", "old", undefined);
  const before = new Map(items);
  await prepare("work");
  expect(items).toEqual(before);
});

test("SEC-78 the lock is told before anything changes, and one that is lost changes nothing", async () => {
  const keychain = memory();
  const seen: string[] = [];
  const lost = AbortSignal.abort(new Error("lost"));
  const store = keychainStore({
    service: "acme",
    backend: "napi",
    client: keychain.napi,
    lock: {
      withLock: (key, work) => {
        seen.push(key.split("\n").join(" "));
        return work({ signal: lost, sent: async () => void seen.push(`sent, ${keychain.items.size} items`) });
      },
    },
  });
  await expect(store.write("work", "text", undefined)).rejects.toThrow("lost");
  expect(seen).toEqual(["acme work write", "sent, 0 items"]);
  expect(keychain.items.size).toBe(0);
  await store.withLock?.("work", async () => {});
  expect(seen.at(-1)).toBe("acme work");
});

test("without a lock it has none, so that nobody relies on it", () => {
  expect(world().store.withLock).toBeUndefined();
  expect("withLock" in world().store).toBe(false);
});

test("SEC-3 no error of the store holds what is kept", async () => {
  const secret = canary("kept");
  const { items, store, prepare } = world();
  for (const text of [secret.value, `{"schema":1,"owner":[],"value":"${secret.value}"}`]) {
    items.set("acme/work", text);
    secret.check(
      await failing(store.read("work")),
      await failing(store.write("work", secret.value, "g")),
      await failing(store.delete("work")),
      await failing(prepare("work")),
    );
  }
});
