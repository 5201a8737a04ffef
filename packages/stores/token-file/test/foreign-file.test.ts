import { chmodSync, chownSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { AuthError, decodeRecord, encodeRecord } from "@auth/core";
import { canary, sideEffects } from "@auth/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { type FileWarning, foreignFile, readForeignFile } from "../src/foreign.ts";
import { foreignOn, recordOf, single, textOf, tokensOf } from "./support/foreign.ts";
import { steppingFiles } from "./support/stepping-files.ts";
import { failing, modeOf, posix, root, temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const path = (): string => at("environments.json");
const content = (): unknown => JSON.parse(readFileSync(path(), "utf8"));
const theirs = [
  {
    name: "work",
    url: "https://a.example",
    namespace: 7,
    current: true,
    accessToken: "a-1",
    refreshToken: "rone",
  },
  { name: "home", url: "https://b.example", accessToken: "b-1" },
];
const corrupted = { code: "ERR_AUTH_INVALID", reason: "store-corrupted" };

describe("what the other program keeps there stays", () => {
  test("its fields, its other logins, their order", async () => {
    put("environments.json", JSON.stringify(theirs));
    const store = foreignOn(path());
    const found = await store.read("work");
    expect(textOf(found?.value ?? "")).toBe("one");
    expect(await store.write("work", recordOf("two", "a-2"), found?.generation)).toBeTypeOf("string");
    expect(content()).toEqual([{ ...theirs[0], accessToken: "a-2", refreshToken: "rtwo" }, theirs[1]]);
    await store.write("new", recordOf("three"), undefined);
    expect(await store.delete("work")).toBe(true);
    expect(content()).toEqual([theirs[1], expect.objectContaining({ name: "new" })]);
  });

  test("the file goes with its only login, if the format says so", async () => {
    const store = foreignOn(path(), {}, { format: single });
    const generation = await store.write("any", recordOf("one"), undefined);
    expect(await store.delete("any", "another")).toBe(false);
    expect(await store.delete("any", generation)).toBe(true);
    expect(await store.read("any")).toBeUndefined();
    expect(names()).toEqual([]);
  });

  test("a place for each key", async () => {
    const store = foreignFile({ path: (key) => at(`${key}.json`), format: single, name: "cache" });
    await store.withLock("a", async () => {
      await store.prepare("a");
      await store.write("a", recordOf("one"), undefined);
    });
    await store.write("b", recordOf("two"), undefined);
    expect(await store.delete("a")).toBe(true);
    expect(textOf((await store.read("b"))?.value ?? "")).toBe("two");
    expect([store.name, "keys" in store, names()]).toEqual(["cache", false, ["b.json"]]);
  });

  test("the same again is not written again: a mark that the format has no room for changes nothing", async () => {
    put("environments.json", JSON.stringify(theirs, null, 2));
    const { ino } = statSync(path());
    const store = foreignOn(path());
    const found = await store.read("work");
    const dead = { reason: "refresh-token-rejected", at: new Date() };
    const marked = encodeRecord({ ...decodeRecord(found?.value ?? ""), dead });
    expect(await store.write("work", marked, found?.generation)).toBe(found?.generation);
    expect(statSync(path()).ino).toBe(ino);
  });
});

describe("a token has one id, as long as it is the same token", () => {
  test("seen again, or written and seen", async () => {
    put("environments.json", JSON.stringify(theirs));
    const store = foreignOn(path());
    const id = async (): Promise<string> => tokensOf((await store.read("work"))?.value).accessToken.id;
    const first = await id();
    expect(await id()).toBe(first);
    put("environments.json", JSON.stringify([{ ...theirs[0], expiresAt: 4_102_444_800 }]));
    expect(await id()).toBe(first);
    const record = recordOf("two", "a-2");
    await store.write("work", record, (await store.read("work"))?.generation);
    expect(await id()).toBe(tokensOf(record).accessToken.id);
    put("environments.json", JSON.stringify([{ ...theirs[0], accessToken: "a-3" }]));
    expect(await id()).not.toBe(tokensOf(record).accessToken.id);
  });
});

describe.runIf(posix)("what others may do with it", () => {
  test.each(["000", "022"])("SEC-70 private at every instant under umask %s", async (mask) => {
    const before = process.umask(Number.parseInt(mask, 8));
    onTestFinished(() => void process.umask(before));
    const seen = new Set<string>();
    const fs = steppingFiles(() => {
      for (const name of names("deep/er")) seen.add(modeOf(at(`deep/er/${name}`)));
    });
    const store = foreignOn(at("deep/er/e.json"), { fs });
    await store.withLock("login", async (lease) => {
      await store.prepare("login");
      await lease.sent?.();
      await store.write("login", recordOf("one"), undefined);
    });
    expect([...seen]).toEqual(["600"]);
    expect([modeOf(at("deep")), modeOf(at("deep/er")), names("deep/er")]).toEqual(["700", "700", ["e.json"]]);
  });

  test("SEC-73 a file that others can read is read with a warning, once, and is private after a write", async () => {
    put("environments.json", JSON.stringify(theirs, null, 2));
    chmodSync(path(), 0o644);
    const warnings: FileWarning[] = [];
    const store = foreignOn(path(), {}, { onWarning: (warning) => warnings.push(warning) });
    const found = await store.read("work");
    await store.read("home");
    expect(warnings).toEqual([
      {
        reason: "unsafe-permissions",
        message: expect.stringMatching(/mode 0644.*chmod 600/),
        path: path(),
      },
    ]);
    expect(modeOf(path())).toBe("644");
    // Even one that changes nothing.
    await store.write("work", found?.value ?? "", found?.generation);
    expect(modeOf(path())).toBe("600");
    expect(warnings).toHaveLength(1);
  });

  test.each(["620", "602", "666"])("SEC-73 one that others can write is refused (%s)", async (mode) => {
    put("environments.json", JSON.stringify(theirs));
    chmodSync(path(), Number.parseInt(mode, 8));
    const refusal = { code: "ERR_AUTH_INVALID", reason: "unsafe-permissions" };
    const store = foreignOn(path());
    expect(await failing(store.read("work"))).toMatchObject(refusal);
    expect(await failing(store.prepare("work"))).toMatchObject(refusal);
    expect(await failing(readForeignFile({ path: path(), parse: String }))).toMatchObject(refusal);
    expect(await readForeignFile({ path: path(), parse: String, allowUnsafePermissions: true })).toBe(
      JSON.stringify(theirs),
    );
  });

  test("SEC-74 a symbolic link is refused", async () => {
    put("real.json", JSON.stringify(theirs));
    symlinkSync("real.json", path());
    const refusal = { code: "ERR_AUTH_INVALID", reason: "unsafe-path" };
    expect(await failing(foreignOn(path()).read("work"))).toMatchObject(refusal);
    expect(await failing(readForeignFile({ path: path(), parse: String }))).toMatchObject(refusal);
  });

  test.runIf(root)(
    "SEC-73 what is only read may be root's, what is written may not be another's",
    async () => {
      put("environments.json", "[]");
      chownSync(path(), 4242, 4242);
      expect(await failing(foreignOn(path()).read("a"))).toMatchObject({ reason: "unsafe-permissions" });
    },
  );
});

describe("readForeignFile", () => {
  test("gives what is there, or nothing", async () => {
    expect(await readForeignFile({ path: path(), parse: JSON.parse })).toBeUndefined();
    put("environments.json", JSON.stringify(theirs));
    expect(await readForeignFile({ path: path(), parse: JSON.parse })).toEqual(theirs);
  });

  test("SEC-4 what cannot be read is not quoted; an error of ours comes out as it is", async () => {
    const secret = canary("token");
    put("environments.json", `{"token":"${secret.value}"`);
    const error = await readForeignFile({ path: path(), parse: JSON.parse, name: "other" }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ ...corrupted, provider: "other" });
    secret.check(error);
    const own = new AuthError("ERR_AUTH_INVALID", "half-credential", "half");
    const parse = (): never => {
      throw own;
    };
    expect(await readForeignFile({ path: path(), parse }).catch((thrown: unknown) => thrown)).toBe(own);
  });

  test("SEC-28 an abort ends the wait with its reason", async () => {
    put("environments.json", "[]");
    const reason = { left: true };
    const read = readForeignFile({ path: path(), parse: JSON.parse, signal: AbortSignal.abort(reason) });
    expect(await read.catch((thrown: unknown) => thrown)).toBe(reason);
  });
});

test("SEC-136 making one touches nothing; wrong arguments are TypeErrors", async () => {
  const made: unknown[] = [];
  expect(await sideEffects(() => made.push(foreignFile({ path: "~/x.json", format: single })))).toEqual([]);
  expect(made).toHaveLength(1);
  const wrong: unknown[] = [
    { path: "", format: single },
    { path: () => "x", format: single },
    { path: "x" },
    { path: "x", format: { parse: single.parse } },
    { path: "x", format: single, staleMs: 1 },
  ];
  for (const options of wrong) expect(() => foreignFile(options as never)).toThrow(TypeError);
});
