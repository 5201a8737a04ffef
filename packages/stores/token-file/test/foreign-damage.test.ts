import { chmodSync, readFileSync } from "node:fs";
import { AuthError } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { environments, foreignOn, recordOf, single } from "./support/foreign.ts";
import { failing, modeOf, posix, temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const path = (): string => at("environments.json");
const content = (): unknown => JSON.parse(readFileSync(path(), "utf8"));
const corrupted = { code: "ERR_AUTH_INVALID", reason: "store-corrupted" };

describe("SEC-76 damage", () => {
  test("no read changes it, nor a write that expects something; a login keeps it aside, private", async () => {
    const secret = canary("damaged");
    put("environments.json", `[{"name":"work","accessToken":"${secret.value}`);
    if (posix) chmodSync(path(), 0o644);
    const before = readFileSync(path());
    const store = foreignOn(path());
    for (const work of [
      () => store.read("work"),
      () => store.write("work", recordOf("x"), "g"),
      () => store.delete("work"),
    ]) {
      const error = await work().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ ...corrupted, message: expect.stringContaining(path()) });
      secret.check(error);
    }
    expect(readFileSync(path())).toEqual(before);
    expect(await store.write("work", recordOf("new"), undefined)).toBeTypeOf("string");
    const [copy = "", ...more] = names().filter((name) => name !== "environments.json");
    expect([copy, more]).toEqual([expect.stringMatching(/^environments\.json\.corrupt-/), []]);
    expect(readFileSync(at(copy))).toEqual(before);
    if (posix) expect([modeOf(at(copy)), modeOf(path())]).toEqual(["600", "600"]);
  });

  test("one bad login fails alone; its neighbors work and survive", async () => {
    const bad = { name: "bad", accessToken: "with blanks in it", url: "https://c.example" };
    const good = { name: "home", accessToken: "b-1" };
    put("environments.json", JSON.stringify([bad, good]));
    const store = foreignOn(path());
    expect(await failing(store.read("bad"))).toMatchObject(corrupted);
    const found = await store.read("home");
    await store.write("home", recordOf("two", "b-2"), found?.generation);
    expect(content()).toMatchObject([bad, { name: "home", accessToken: "b-2" }]);
    expect(await store.write("bad", recordOf("new", "c-2"), undefined)).toBeTypeOf("string");
    expect(content()).toMatchObject([{ name: "bad", url: "https://c.example" }, { accessToken: "b-2" }]);
    expect(await store.delete("bad")).toBe(true);
    expect(names()).toHaveLength(2);
  });

  test("a cache that cannot be read is as good as none, and nothing of it is kept", async () => {
    for (const damaged of ["{", Buffer.from([0xff]), "x".repeat(2_000_000)]) {
      put("environments.json", damaged);
      const store = foreignOn(path(), {}, { format: single, cache: true });
      expect(await store.read("a")).toBeUndefined();
      await store.withLock("a", () => store.prepare("a"));
      expect(await store.write("a", recordOf("one"), undefined)).toBeTypeOf("string");
      expect(names()).toEqual(["environments.json"]);
      put("environments.json", damaged);
      expect(await store.delete("a")).toBe(true);
      expect(names()).toEqual([]);
    }
  });

  test("SEC-77 a format may know of newer ones: nothing is touched", async () => {
    put("environments.json", '{"version":9}');
    const format = {
      ...environments,
      parse: (): never => {
        throw new AuthError("ERR_AUTH_INVALID", "store-version", "newer");
      },
    };
    const store = foreignOn(path(), {}, { format });
    const newer = { reason: "store-version" };
    expect(await failing(store.read("a"))).toMatchObject(newer);
    expect(await failing(store.write("a", recordOf("x"), undefined))).toMatchObject(newer);
    expect(await failing(store.prepare("a"))).toMatchObject(newer);
    expect(readFileSync(path(), "utf8")).toBe('{"version":9}');
  });
});
