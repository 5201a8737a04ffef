import { memoryStore } from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { expect, test } from "vitest";
import { gate } from "./support/gate.ts";
import { failure, rejection } from "./support/outcome.ts";

const make = () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const withLock = store.withLock?.bind(store) as NonNullable<typeof store.withLock>;
  return { clock, store, withLock };
};
const all = async (keys: AsyncIterable<string> | undefined): Promise<string[]> => {
  const found: string[] = [];
  for await (const key of keys ?? []) found.push(key);
  return found;
};

test("write compares before it swaps", async () => {
  const { store } = make();
  const first = await store.write("k", "1", undefined);
  expect(first).toEqual(expect.any(String));
  expect(await store.write("k", "2", undefined)).toBeUndefined();
  expect(await store.write("k", "2", "another")).toBeUndefined();
  expect(await store.read("k")).toEqual({ value: "1", generation: first });
  const second = await store.write("k", "2", first);
  expect(second).not.toBe(first);
  expect(await store.write("k", "3", first)).toBeUndefined();
  expect(await store.write("new", "1", "expected something")).toBeUndefined();
  expect(await store.read("new")).toBeUndefined();
});

test("delete: anything, or only what was expected", async () => {
  const { store } = make();
  expect(await store.delete("k")).toBe(false);
  const generation = await store.write("k", "1", undefined);
  expect(await store.delete("k", "another")).toBe(false);
  expect(await store.delete("k", generation)).toBe(true);
  expect(await store.read("k")).toBeUndefined();
  await store.write("k", "2", undefined);
  expect(await store.delete("k")).toBe(true);
});

test("a generation never comes back, though the entry was deleted", async () => {
  const { store } = make();
  const first = await store.write("k", "1", undefined);
  await store.delete("k");
  const second = await store.write("k", "1", undefined);
  expect(second).not.toBe(first);
  expect(await store.delete("k", first)).toBe(false);
});

test("keys do not disturb each other, whatever they are called", async () => {
  const { store } = make();
  const keys = ["a", "b", "", "__proto__", "constructor", "é🔑"];
  for (const key of keys) await store.write(key, `value of ${key}`, undefined);
  for (const key of keys) expect((await store.read(key))?.value).toBe(`value of ${key}`);
  expect(await all(store.keys?.())).toEqual(keys);
  await store.delete("a");
  expect(await all(store.keys?.())).toEqual(keys.slice(1));
});

test("two stores share nothing", async () => {
  const [one, two] = [memoryStore(), memoryStore()];
  await one.write("k", "1", undefined);
  expect(await two.read("k")).toBeUndefined();
});

test("what was read does not change afterwards", async () => {
  const { store } = make();
  const generation = await store.write("k", "1", undefined);
  const stored = await store.read("k");
  await store.write("k", "2", generation);
  expect(stored).toEqual({ value: "1", generation });
});

test("the lock: one at a time, in the order they came; keys do not wait for each other", async () => {
  const { withLock } = make();
  const steps: string[] = [];
  const first = gate();
  const work = (name: string, wait?: Promise<void>) => async () => {
    steps.push(`${name} in`);
    await wait;
    steps.push(`${name} out`);
    return name;
  };
  const results = [
    withLock("k", work("1", first.pass())),
    withLock("k", work("2")),
    withLock("k", work("3")),
    withLock("other", work("x")),
  ];
  expect(await results[3]).toBe("x");
  expect(steps).toEqual(["1 in", "x in", "x out"]);
  first.open();
  expect(await Promise.all(results)).toEqual(["1", "2", "3", "x"]);
  expect(steps.slice(3)).toEqual(["1 out", "2 in", "2 out", "3 in", "3 out"]);
});

test("the lock is let go after a failure, synchronous or not", async () => {
  const { withLock } = make();
  const error = new Error("work");
  expect(await rejection(withLock("k", async () => Promise.reject(error)))).toBe(error);
  const sync = (): never => {
    throw error;
  };
  expect(await rejection(withLock("k", sync))).toBe(error);
  expect(await withLock("k", async () => "next")).toBe("next");
});

test("whoever waits longer than waitMs gets UNREACHABLE/lock-timeout; those behind still get their turn", async () => {
  const { clock, withLock } = make();
  const held = gate();
  const first = withLock("k", () => held.pass());
  const impatient = failure(withLock("k", async () => "never", { waitMs: 1_000 }));
  const patient = withLock("k", async () => "mine");
  await clock.advance(999);
  expect(clock.pending).toHaveLength(2);
  await clock.advance(1);
  expect(await impatient).toBe("UNREACHABLE/lock-timeout");
  held.open();
  await first;
  expect(await patient).toBe("mine");
  expect(clock.pending).toEqual([]);
});

test("waits 30 s by default", async () => {
  const { clock, withLock } = make();
  const held = gate();
  const first = withLock("k", () => held.pass());
  const waiting = failure(withLock("k", async () => {}));
  await clock.advance(29_999);
  expect(clock.pending).toHaveLength(1);
  await clock.advance(1);
  expect(await waiting).toBe("UNREACHABLE/lock-timeout");
  held.open();
  await first;
});

test("a signal ends the wait, with its reason, and the work is not begun", async () => {
  const { clock, withLock } = make();
  const held = gate();
  const first = withLock("k", () => held.pass());
  const controller = new AbortController();
  let begun = false;
  const work = async (): Promise<void> => {
    begun = true;
  };
  const waiting = rejection(withLock("k", work, { signal: controller.signal }));
  const aborted = rejection(withLock("k", work, { signal: AbortSignal.abort("before") }));
  controller.abort("enough");
  expect(await waiting).toBe("enough");
  expect(await aborted).toBe("before");
  held.open();
  await first;
  expect(await withLock("k", async () => "next")).toBe("next");
  expect(begun).toBe(false);
  expect(clock.pending).toEqual([]);
});

test("a lease in one process is never lost", async () => {
  const { withLock } = make();
  expect(await withLock("k", async ({ signal }) => signal.aborted)).toBe(false);
});

test("SEC-1 what it keeps cannot be seen", async () => {
  const { value, check } = canary("store");
  const { store } = make();
  await store.write("k", value, undefined);
  check(store);
});
