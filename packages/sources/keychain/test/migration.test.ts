import { describe, expect, test } from "vitest";
import { type FromKeychainOptions, fromKeychain } from "../src/index.ts";
import { failing } from "./support/failing.ts";
import { type Memory, memory } from "./support/memory.ts";

const name = "acme/alice";

// On macOS the entries are the same ones.
describe.skipIf(process.platform === "darwin")("what keytar left", () => {
  const reader = (now: Memory, old: Memory, more: Partial<FromKeychainOptions> = {}) =>
    fromKeychain({
      service: "acme",
      account: "alice",
      backend: "napi",
      client: now.napi,
      migrateFrom: old.keytar,
      ttlMs: 0,
      ...more,
    });

  test("is copied as it is, and read from the copy ever after", async () => {
    const [now, old] = [memory(), memory([[name, '{"token":"t"}']])];
    const provider = reader(now, old);
    expect(await provider.get()).toMatchObject({ type: "access-token" });
    await provider.get();
    expect(now.items.get(name)).toBe('{"token":"t"}');
    expect(old.reads).toBe(1);
    expect(old.items.size).toBe(1);
  });

  test("never replaces what is there", async () => {
    const [now, old] = [memory([[name, "new"]]), memory([[name, "old"]])];
    await reader(now, old, { deleteOld: true }).get();
    expect(now.items.get(name)).toBe("new");
    expect([old.reads, old.items.size]).toEqual([0, 1]);
  });

  test("is deleted if asked for, once the copy was read again", async () => {
    const [now, old] = [memory(), memory([[name, "token"]])];
    await reader(now, old, { deleteOld: true }).get();
    expect([now.items.size, old.items.size]).toEqual([1, 0]);
  });

  test("stays if its copy is not what it was, and the copy goes", async () => {
    const [now, old] = [memory(), memory([[name, "token"]])];
    const set = now.items.set.bind(now.items);
    now.items.set = (key, text) => set(key, text.slice(1));
    expect(await reader(now, old, { deleteOld: true }).get()).toMatchObject({ type: "access-token" });
    expect([now.items.size, old.items.get(name)]).toEqual([0, "token"]);
  });

  test("serves as it is while it cannot be copied", async () => {
    const [now, old] = [memory(), memory([[name, "token"]])];
    now.changesLeft = 0;
    const provider = reader(now, old, { deleteOld: true });
    expect(await provider.get()).toMatchObject({ type: "access-token" });
    now.changesLeft = 9;
    await provider.get();
    expect([now.items.size, old.items.size]).toEqual([1, 0]);
  });

  test("SEC-81 is not absent because it cannot be read", async () => {
    const [now, old] = [memory(), memory([[name, "token"]])];
    old.failure = "Cannot create an item in a locked collection";
    expect(await failing(reader(now, old).get())).toMatchObject({
      code: "ERR_AUTH_DENIED",
      reason: "locked",
    });
  });

  test("is not looked for where the keychain itself cannot be read", async () => {
    const [now, old] = [memory(), memory([[name, "token"]])];
    now.failure = "unlock prompt was dismissed";
    expect(await failing(reader(now, old).get())).toMatchObject({ reason: "locked" });
    expect(old.reads).toBe(0);
  });

  test("needs keytar: without it nobody knows", async () => {
    const missing = { code: "ERR_AUTH_UNAVAILABLE", reason: "no-backend" };
    expect(await failing(reader(memory(), memory(), { migrateFrom: "keytar" }).get())).toMatchObject(missing);
  });
});
