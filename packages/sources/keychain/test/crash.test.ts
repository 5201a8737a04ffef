import { describe, expect, test } from "vitest";
import { keychainStore } from "../src/index.ts";
import { type Memory, memory } from "./support/memory.ts";

const small = "a small login";
const large = "0123456789abcdef".repeat(100);
const larger = "Ä".repeat(700);

const open = ({ napi }: Memory) =>
  keychainStore({ service: "acme", backend: "napi", client: napi, maxItemLength: 512 });

/** Puts `text` in the place of what is there; `undefined` deletes that. */
async function put(keychain: Memory, text: string | undefined): Promise<void> {
  const store = open(keychain);
  const generation = (await store.read("work"))?.generation;
  if (text === undefined) await store.delete("work", generation);
  else await store.write("work", text, generation);
}
const valueIn = async (keychain: Memory): Promise<string | undefined> =>
  (await open(keychain).read("work"))?.value;

/** The same items, in a keychain that takes so many changes and then none, as if this process had died. */
function mortal({ items }: Memory, changes: number): Memory {
  return Object.assign(memory(items), { changesLeft: changes });
}
const survivorOf = ({ items }: Memory): Memory => memory(items);

describe.each([
  ["nothing", undefined],
  ["a small login", small],
  ["a login of several items", large],
])("SEC-58 SEC-81 from %s", (_, before) => {
  test.each(
    [
      ["a small one", small],
      ["one of several items", large],
      ["a larger one", larger],
      ["nothing", undefined],
    ].filter(([, after]) => after !== before),
  )("to %s: a crash anywhere leaves the old or the new one, and no remains", async (_, after) => {
    const start = memory();
    if (before !== undefined) await put(start, before);

    for (let changes = 0; ; changes++) {
      const keychain = mortal(start, changes);
      const crashed = await put(keychain, after).then(
        () => false,
        () => true,
      );
      const survivor = survivorOf(keychain);
      const found = await valueIn(survivor);
      if (!crashed) {
        expect(found === after).toBe(true);
        expect(keychain.changesLeft).toBe(0);
        expect(changes).toBeGreaterThan(0);
        return;
      }
      expect([before, after].includes(found), `after ${changes} changes`).toBe(true);

      await put(survivor, "again");
      expect(await valueIn(survivor)).toBe("again");
      expect([...survivor.items.keys()], `after ${changes} changes`).toEqual(["acme/work"]);
      const deleted = survivorOf(keychain);
      await put(deleted, "again");
      await put(deleted, undefined);
      expect(deleted.items.size).toBe(0);
    }
  });
});

test("a crash on the way from a crash is cleared away as well", async () => {
  const first = memory();
  await put(first, large);
  const second = mortal(first, 3);
  await expect(put(second, larger)).rejects.toThrow();
  const third = mortal(second, 4);
  await expect(put(third, larger)).rejects.toThrow();
  const survivor = survivorOf(third);
  expect((await valueIn(survivor)) === large).toBe(true);
  await put(survivor, small);
  expect([...survivor.items.keys()]).toEqual(["acme/work"]);
});

test("SEC-67 deleting leaves no part, not even after a crash on the way", async () => {
  const start = memory();
  await put(start, large);
  const keychain = mortal(start, 2);
  await expect(put(keychain, undefined)).rejects.toThrow();
  const survivor = survivorOf(keychain);
  expect(await valueIn(survivor)).toBeUndefined();
  await open(survivor).delete("work");
  expect(survivor.items.size).toBe(0);
});

test.each([
  [large, "several"],
  [larger, "several"],
  [small, "one"],
])("SEC-81 no item is longer than it may be, and all are plain ASCII (%#)", async (value, count) => {
  const keychain = memory();
  const lengths: number[] = [];
  keychain.onSet = (text) => {
    lengths.push(text.length);
    expect(text).toMatch(/^[ -~]*$/);
  };
  await put(keychain, value);
  await put(keychain, `${value}!`);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(512);
  expect(keychain.items.size === 1 ? "one" : "several").toBe(count);
});

test("SEC-81 the note of what is coming fits beside any login of one item", async () => {
  for (let length = 200; length < 520; length++) {
    const keychain = memory();
    keychain.onSet = (text) => expect(text.length, `with ${length}`).toBeLessThanOrEqual(512);
    await put(keychain, "x".repeat(length));
    await put(keychain, large);
    await put(keychain, "x".repeat(length));
  }
});

test("whoever reads while another one replaces it reads the new one", async () => {
  const keychain = memory();
  await put(keychain, large);
  let replaced = false;
  keychain.onGet = async (account) => {
    if (account !== "work" || replaced) return;
    replaced = true;
    await put(keychain, larger);
  };
  expect((await valueIn(keychain)) === larger).toBe(true);
});
