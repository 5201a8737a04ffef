import { readFileSync } from "node:fs";
import { decodeRecord, encodeRecord } from "@auth/core";
import { describe, expect, test } from "vitest";
import { foreignOn, recordOf, single } from "./support/foreign.ts";
import { type Step, steppingFiles, systemError } from "./support/stepping-files.ts";
import { failing, modeOf, posix, temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const path = (): string => at("login.json");
const note = (): string => `${path()}.whose`;
const bought = (partition: string, text = "one", token?: string): string =>
  encodeRecord({ ...decodeRecord(recordOf(text, token)), partition });
const open = (more: object = {}, files = {}) =>
  foreignOn(path(), files, { format: single, whose: () => undefined, ...more });
const whoseIs = async (store = open()): Promise<string | undefined> => {
  const found = await store.read("any");
  return found && decodeRecord(found.value).partition;
};

describe("SEC-55 for whom a login is that another program's file says nothing of", () => {
  test("is what we noted when we wrote it; the note is private, and goes with the login", async () => {
    const generation = await open().write("any", bought("server x"), undefined);
    expect(await whoseIs()).toBe("server x");
    expect(await whoseIs(open({ whose: () => expect.unreachable() }))).toBe("server x");
    if (posix) expect(modeOf(note())).toBe("600");
    expect(await open().delete("another key", generation)).toBe(true);
    expect(names()).toEqual([]);
  });

  test("is what the format's owner can tell of what the other program wrote", async () => {
    await open().write("any", bought("server x", "one", "t-1"), undefined);
    const theirs = readFileSync(path(), "utf8").replace("t-1", "t-2");
    put("login.json", theirs);
    expect(await whoseIs()).toBe("?");
    expect(await whoseIs(open({ whose: (record: object) => ({ ...record, partition: "y" }) }))).toBe("y");
    expect(await whoseIs(open({ whose: async (record: object) => record }))).toBeUndefined();
    expect(readFileSync(path(), "utf8")).toBe(theirs);
  });

  test("is known whichever of the last ones comes back: a foreign program that puts back what it had read", async () => {
    await open().write("any", bought("server x", "one", "t-1"), undefined);
    const before = readFileSync(path(), "utf8");
    for (const token of ["t-2", "t-3"]) {
      const { generation } = (await open().read("any")) ?? {};
      await open().write("any", bought("server y", "two", token), generation);
    }
    put("login.json", before);
    expect(await whoseIs()).toBe("server x");
  });

  test("is noted before the login is there, also by whoever puts in place what a dead one could not", async () => {
    await open().write("any", bought("server x", "one", "t-1"), undefined);
    const broken = ({ name, path: from }: Step): void => {
      if (name === "rename" && from.endsWith(".tmp")) throw systemError("EIO");
    };
    const sick = open({}, { fs: steppingFiles(broken) });
    const { generation } = (await sick.read("any")) ?? {};
    const outcome = sick.withLock("any", async () => {
      await sick.prepare("any");
      await sick.write("any", bought("server y", "two", "t-2"), generation);
    });
    expect(await failing(outcome)).toMatchObject({ reason: "save-failed" });
    expect(await whoseIs()).toBe("server x");
    await open().withLock("any", async () => expect(await whoseIs()).toBe("server y"));
  });

  test.each(["", "{", "[1,null]", '[{"token":1}]', "{}"])(
    "SEC-76 a note of %j says nothing",
    async (text) => {
      const generation = await open().write("any", bought("server x", "one", "t-1"), undefined);
      put("login.json.whose", text);
      expect(await whoseIs()).toBe("?");
      await open().write("any", bought("server x", "two", "t-2"), generation);
      expect(await whoseIs()).toBe("server x");
    },
  );
});
