import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Clock, systemClock } from "@auth/core";
import { describe, expect, test } from "vitest";
import { readForeignFile } from "../src/foreign.ts";
import { environments, foreignOn, recordOf, single, textOf } from "./support/foreign.ts";
import { type Step, steppingFiles } from "./support/stepping-files.ts";
import { failing, posix, temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const path = (): string => at("environments.json");
const content = (): unknown => JSON.parse(readFileSync(path(), "utf8"));
const entry = (name: string, text: string, more = {}): object => ({
  name,
  accessToken: "access",
  refreshToken: `r${text}`,
  ...more,
});

/** How other programs write: over the file as it is, or by another one in its place. */
const inPlace = (...entries: object[]): void => writeFileSync(path(), JSON.stringify(entries));
const byRename = (...entries: object[]): void => {
  writeFileSync(at("theirs.tmp"), JSON.stringify(entries), { mode: 0o600 });
  renameSync(at("theirs.tmp"), path());
};

const isRename = ({ name, path: from }: Step): boolean => name === "rename" && from.endsWith(".tmp");
const isFill = ({ name, path: from }: Step): boolean =>
  name === "handle.sync" && from.endsWith(".tmp") && !from.includes(".lock");

/** A store in whose first step of that kind the other program does something, before the step or right after it. */
function disturbed(when: (step: Step) => boolean, doing: () => void, after = false) {
  let times = 0;
  const strike = (step: Step): void => {
    if (when(step) && times++ === 0) doing();
  };
  return foreignOn(path(), { fs: steppingFiles(after ? { after: strike } : { before: strike }) });
}

const ways = [
  ["in place", inPlace],
  ["by rename", byRename],
] as const;

describe.each(ways)("another program writes %s after we looked", (_, write) => {
  test("our login: it wins, and the write says so", async () => {
    inPlace(entry("work", "old"));
    const store = disturbed(isFill, () => write(entry("work", "theirs"), entry("home", "more")));
    const { generation } = (await store.read("work")) ?? {};
    expect(await store.write("work", recordOf("ours"), generation)).toBeUndefined();
    expect(content()).toEqual([entry("work", "theirs"), entry("home", "more")]);
    expect(textOf((await store.read("work"))?.value ?? "")).toBe("theirs");
  });

  test("something else: both are there", async () => {
    inPlace(entry("work", "old", { namespace: 1 }));
    const store = disturbed(isFill, () =>
      write(entry("work", "old", { namespace: 2 }), entry("home", "more")),
    );
    const { generation } = (await store.read("work")) ?? {};
    expect(await store.write("work", recordOf("ours"), generation)).toBeTypeOf("string");
    expect(content()).toEqual([entry("work", "ours", { namespace: 2 }), entry("home", "more")]);
    expect(names()).toEqual(["environments.json"]);
  });

  test("before a deletion: only what was asked for goes", async () => {
    inPlace(entry("work", "old"));
    const store = disturbed(isFill, () => write(entry("work", "old"), entry("home", "more")));
    expect(await store.delete("work")).toBe(true);
    expect(content()).toEqual([entry("home", "more")]);
  });

  test("before a deletion: a newer login stays", async () => {
    inPlace(entry("work", "old"));
    const store = disturbed(isFill, () => write(entry("work", "theirs")));
    const { generation } = (await store.read("work")) ?? {};
    expect(await store.delete("work", generation)).toBe(false);
    expect(content()).toEqual([entry("work", "theirs")]);
  });
});

test("a file that another program has made where none was is not written over", async () => {
  const store = disturbed(isFill, () => inPlace(entry("home", "more")));
  expect(await store.write("work", recordOf("ours"), undefined)).toBeTypeOf("string");
  expect(content()).toEqual([entry("home", "more"), entry("work", "ours")]);
});

test("a file that another program has taken away is a logout, and does not come back", async () => {
  inPlace(entry("work", "old"));
  const store = disturbed(isFill, () => rmSync(path()));
  const { generation } = (await store.read("work")) ?? {};
  expect(await store.write("work", recordOf("ours"), generation)).toBeUndefined();
  expect(names()).toEqual([]);
});

describe.runIf(posix)(
  "another program has the old file open, and writes into it in the very moment that it goes",
  () => {
    const late =
      (...entries: object[]): (() => void) =>
      () =>
        inPlace(...entries);

    test("its login is put back", async () => {
      inPlace(entry("work", "old"));
      const store = disturbed(isRename, late(entry("work", "theirs")));
      const { generation } = (await store.read("work")) ?? {};
      expect(await store.write("work", recordOf("ours"), generation)).toBeUndefined();
      expect(content()).toEqual([entry("work", "theirs")]);
    });

    test("what else it wrote is joined with ours", async () => {
      inPlace(entry("work", "old"));
      const store = disturbed(isRename, late(entry("work", "old"), entry("home", "more")));
      const { generation } = (await store.read("work")) ?? {};
      expect(await store.write("work", recordOf("ours"), generation)).toBeTypeOf("string");
      expect(content()).toEqual([entry("work", "ours"), entry("home", "more")]);
      expect(names()).toEqual(["environments.json"]);
    });

    test("a file that is taken away comes back with it", async () => {
      writeFileSync(path(), '{"accessToken":"a","refreshToken":"rold"}', { mode: 0o600 });
      const theirs = '{"accessToken":"b","refreshToken":"rtheirs"}';
      let times = 0;
      const fs = steppingFiles(({ name, path: each }) => {
        if (name === "unlink" && each === path() && times++ === 0) writeFileSync(path(), theirs);
      });
      const store = foreignOn(path(), { fs }, { format: single });
      const { generation } = (await store.read("a")) ?? {};
      expect(await store.delete("a", generation)).toBe(false);
      expect(readFileSync(path(), "utf8")).toBe(theirs);
    });

    test("what it left half-written and never ended is no loss", async () => {
      inPlace(entry("work", "old"));
      const store = disturbed(isRename, () => writeFileSync(path(), '[{"name":'));
      const { generation } = (await store.read("work")) ?? {};
      expect(await store.write("work", recordOf("ours"), generation)).toBeTypeOf("string");
      expect(content()).toEqual([entry("work", "ours")]);
    });
  },
);

test("one that does not stop is named", async () => {
  inPlace(entry("work", "old"));
  let count = 0;
  const fs = steppingFiles((step) => {
    if (isFill(step)) inPlace(entry("work", "old"), entry("home", `${++count}`));
  });
  const store = foreignOn(path(), { fs });
  const { generation } = (await store.read("work")) ?? {};
  expect(await failing(store.write("work", recordOf("ours"), generation))).toMatchObject({
    code: "ERR_AUTH_UNREACHABLE",
    reason: "store-contended",
    message: expect.stringContaining(path()),
  });
  expect(content()).toEqual([entry("work", "old"), entry("home", `${count}`)]);
  expect(names()).toEqual(["environments.json"]);
});

describe("a file that is just being written is looked at again", () => {
  /** A clock on which waiting means that the other program goes on. */
  const until = (goOn: () => void): Clock => ({
    ...systemClock,
    async sleep(ms, options) {
      if (options?.background) return systemClock.sleep(ms, options);
      goOn();
    },
  });

  test("by a read and by a write", async () => {
    put("environments.json", '[{"name":"work","accessToken":"access",');
    const goOn = (): void => appendFileSync(path(), '"refreshToken":"rold"}]');
    const store = foreignOn(path(), { clock: until(goOn) });
    const found = await store.read("work");
    expect(textOf(found?.value ?? "")).toBe("old");
    put("environments.json", "");
    const again = foreignOn(path(), {
      clock: until(() => inPlace(entry("work", "old"), entry("home", "x"))),
    });
    expect(await again.write("work", recordOf("ours"), found?.generation)).toBeTypeOf("string");
    expect(content()).toEqual([entry("work", "ours"), entry("home", "x")]);
  });

  test("by a source", async () => {
    put("environments.json", "[");
    const read = readForeignFile({ path: path(), parse: (text) => environments.parse(text, "work") });
    inPlace(entry("work", "whole"));
    expect((await read)?.tokens.refreshToken?.reveal()).toBe("rwhole");
  });
});
