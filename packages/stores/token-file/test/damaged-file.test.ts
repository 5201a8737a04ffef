import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { canary, fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { storeOn } from "./support/stores.ts";
import { failing, modeOf, posix, temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const corrupted = { code: "ERR_AUTH_INVALID", reason: "store-corrupted" };
const path = (): string => at("tokens.json");
const aside = (): string[] => names().filter((name) => name !== "tokens.json");

describe("SEC-76 a damaged file", () => {
  test.each([
    ["empty", ""],
    ["truncated", '{"schema":1,"entries":{"a":{"generation":"g","te'],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["large", "x".repeat(2_000_000)],
  ])("%s: no read changes it, nor a write that expects something", async (_, bytes) => {
    const secret = canary("damaged");
    const content = Buffer.concat([Buffer.from(bytes), Buffer.from(secret.value)]);
    if (bytes === "") content.fill(0x20); // blanks: nothing to show, nothing to read
    put("tokens.json", content);
    const before = statSync(path());
    const store = tokenFile({ path: path() });
    for (const work of [
      () => store.read("a"),
      () => store.write("a", "x", "some generation"),
      () => store.delete("a"),
      async () => {
        for await (const key of store.keys()) expect(key).toBeUndefined();
      },
    ]) {
      const error = await work().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ ...corrupted, message: expect.stringContaining(path()) });
      secret.check(error);
    }
    expect(readFileSync(path())).toEqual(content);
    expect(statSync(path()).mtimeMs).toBe(before.mtimeMs);
    expect(names()).toEqual(["tokens.json"]);

    // What a login does: it expects nothing.
    const generation = await store.write("a", "anew", undefined);
    expect(await store.read("a")).toEqual({ value: "anew", generation });
    expect(aside()).toEqual([expect.stringMatching(/^tokens\.json\.corrupt-\d{8}T\d{6}Z-[0-9a-f]{12}$/)]);
    expect(readFileSync(at(aside()[0]))).toEqual(content);
    if (posix) expect(modeOf(at(aside()[0]))).toBe("600");
  });

  test("the name of the copy tells the time", async () => {
    put("tokens.json", "{");
    await storeOn(path(), { clock: fakeClock({ now: Date.UTC(2027, 0, 2, 3, 4, 5) }) }).write(
      "a",
      "x",
      undefined,
    );
    expect(aside()).toEqual([expect.stringContaining("corrupt-20270102T030405Z-")]);
  });

  test.runIf(posix)("the copy is private even where the override let an open file in", async () => {
    put("tokens.json", "{");
    chmodSync(path(), 0o644);
    await tokenFile({ path: path(), allowUnsafePermissions: true }).write("a", "x", undefined);
    expect([modeOf(path()), modeOf(at(aside()[0]))]).toEqual(["600", "600"]);
  });

  test("a byte order mark, as editors leave it, is no damage", async () => {
    put("tokens.json", '\ufeff{"schema":1,"entries":{"a":{"generation":"g","text":"x"}}}');
    expect(await tokenFile({ path: path() }).read("a")).toEqual({ value: "x", generation: "g" });
  });
});

describe("SEC-76 a damaged entry", () => {
  const content =
    '{"schema":1,"entries":{"bad":{"generation":7,"text":"was"},"good":{"generation":"g","text":"kept"}}}';

  test("its neighbours work and survive", async () => {
    put("tokens.json", content);
    const store = tokenFile({ path: path() });
    expect(await failing(store.read("bad"))).toMatchObject(corrupted);
    expect(await failing(store.write("bad", "x", "g"))).toMatchObject(corrupted);
    expect(await failing(store.delete("bad", "g"))).toMatchObject(corrupted);
    expect(await store.write("good", "new", "g")).toBeTypeOf("string");
    expect(await store.write("other", "more", undefined)).toBeTypeOf("string");
    expect(await failing(store.read("bad"))).toMatchObject(corrupted);
    expect(JSON.parse(readFileSync(path(), "utf8"))).toMatchObject({
      entries: { bad: { generation: 7, text: "was" } },
    });
    expect(aside()).toEqual([]);
  });

  test("a login replaces it and keeps a copy of the file", async () => {
    put("tokens.json", content);
    const store = tokenFile({ path: path() });
    const generation = await store.write("bad", "anew", undefined);
    expect(await store.read("bad")).toEqual({ value: "anew", generation });
    expect((await store.read("good"))?.generation).toBe("g");
    expect(readFileSync(at(aside()[0]), "utf8")).toBe(content);
  });

  test("a logout removes it", async () => {
    put("tokens.json", content);
    const store = tokenFile({ path: path() });
    expect(await store.delete("bad")).toBe(true);
    expect(await store.read("bad")).toBeUndefined();
    expect((await store.read("good"))?.value).toBe("kept");
  });
});

describe("SEC-77 versions", () => {
  test("a newer file stays untouched, whatever is asked", async () => {
    const content = '{"schema":2,"entries":{"a":{"generation":"g","text":"x"}}}';
    put("tokens.json", content);
    const store = tokenFile({ path: path() });
    const newer = { code: "ERR_AUTH_INVALID", reason: "store-version" };
    expect(await failing(store.read("a"))).toMatchObject(newer);
    expect(await failing(store.write("a", "x", undefined))).toMatchObject(newer);
    expect(await failing(store.write("a", "x", "g"))).toMatchObject(newer);
    expect(await failing(store.delete("a"))).toMatchObject(newer);
    expect(readFileSync(path(), "utf8")).toBe(content);
    expect(names()).toEqual(["tokens.json"]);
  });

  test("an older file is migrated in one replacement, and a copy kept", async () => {
    const content = '{"schema":1,"entries":{"a":{"generation":"g","text":"x"}},"more":true}';
    put("tokens.json", content);
    const format = {
      schema: 2,
      migrations: { 1: (file: Record<string, unknown>) => ({ ...file, migrated: "yes" }) },
    };
    const store = storeOn(path(), {}, { format });
    expect(await store.read("a")).toEqual({ value: "x", generation: "g" });
    expect(readFileSync(path(), "utf8")).toBe(content); // reading changes nothing
    await store.write("b", "y", undefined);
    expect(JSON.parse(readFileSync(path(), "utf8"))).toMatchObject({
      schema: 2,
      more: true,
      migrated: "yes",
      entries: { a: { generation: "g", text: "x" }, b: { text: "y" } },
    });
    expect(aside()).toEqual([expect.stringMatching(/^tokens\.json\.schema-1-/)]);
    expect(readFileSync(at(aside()[0]), "utf8")).toBe(content);
    await store.write("c", "z", undefined);
    expect(aside()).toHaveLength(1);
  });
});

test("a login on a file that was emptied meanwhile is not lost by a refresh that comes too late", async () => {
  const store = tokenFile({ path: path() });
  const generation = await store.write("a", "old", undefined);
  writeFileSync(path(), "");
  expect(await failing(store.write("a", "late", generation))).toMatchObject(corrupted);
  expect(statSync(path()).size).toBe(0);
});
