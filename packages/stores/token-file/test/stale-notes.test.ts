import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { AccessToken, encodeRecord, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { fromTokenFile, tokenFile } from "../src/index.ts";
import { realSystem } from "../src/system.ts";
import { type Step, steppingFiles, systemError } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { failing, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const path = (): string => at("tokens.json");
const notes = (): string[] => names().filter((name) => name.endsWith(".unsaved"));
const note = (): string => at(notes()[0]);
const anew = () => tokenFile({ path: path() });

const failsToReplace = ({ name, path: from }: Step): void => {
  if (name === "rename" && from.endsWith(".tmp")) throw systemError("EIO");
};

/** Renews what is there, and cannot put it in its place: only a note of it is left. */
async function renewInVain(value: string): Promise<void> {
  const store = storeOn(path(), { fs: steppingFiles(failsToReplace) });
  const outcome = store.withLock("a", async () => {
    const found = await store.read("a");
    await store.prepare("a");
    await store.write("a", value, found?.generation);
  });
  expect(await failing(outcome)).toMatchObject({ reason: "save-failed" });
  expect(notes()).toHaveLength(1);
}

const look = (): Promise<string | undefined> => {
  const store = anew();
  return store.withLock("a", async () => (await store.read("a"))?.value);
};

/** Somebody believes its holder to be dead. */
function takeLockAway(): void {
  for (const name of names()) if (/\.[0-9a-f]{16}\.lock/.test(name)) rmSync(at(name));
}

describe("SEC-59 a note that a failure of the power has damaged is none, and is in nobody's way", () => {
  const damages: readonly (readonly [string, () => void])[] = [
    [
      "it ends in the middle of a character",
      () => truncateSync(note(), readFileSync(note()).indexOf("ü") + 1),
    ],
    ["it holds what is no text", () => writeFileSync(note(), Buffer.alloc(500, 0xfe))],
    ["it holds nothing but zeros", () => writeFileSync(note(), Buffer.alloc(500))],
    ["it is longer than can be", () => truncateSync(note(), 2 ** 23)],
  ];
  test.each(damages)("%s", async (_, damage) => {
    await anew().write("a", "old", undefined);
    await renewInVain("für später");
    damage();
    expect(await look()).toBe("old");
    expect(names()).toEqual(["tokens.json"]);
  });
});

describe("SEC-77 what a newer version has noted", () => {
  const put = async (): Promise<Buffer> => {
    await anew().write("a", "old", undefined);
    await renewInVain("new");
    const json = '{"schema":2,"logins":[{"of":"a"}]}';
    writeFileSync(note(), `${createHash("sha256").update(json).digest("hex")} ${json}\n   `);
    return readFileSync(note());
  };

  test("is left alone, and nobody goes on from the old login", async () => {
    const before = await put();
    expect(await failing(look())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "store-version" });
    expect(readFileSync(note())).toEqual(before);
    expect((await anew().read("a"))?.value).toBe("old");
  });

  test("SEC-67 goes with a logout", async () => {
    await put();
    expect(await anew().delete("a")).toBe(true);
    expect(names()).toEqual(["tokens.json"]);
  });
});

describe("SEC-78 whoever has lost the lock without knowing leaves the note of who has it now", () => {
  test("when it prepares", async () => {
    await anew().write("a", "old", undefined);
    const late = anew();
    await late.withLock("a", async () => {
      takeLockAway();
      await renewInVain("new");
      await late.prepare("a");
    });
    expect(await look()).toBe("new");
    expect(names()).toEqual(["tokens.json"]);
  });

  test("when it has just looked for one", async () => {
    await anew().write("a", "old", undefined);
    await renewInVain("lost");
    writeFileSync(note(), " ".repeat(100)); // nothing was noted, for all it sees
    let once = false;
    const fs = steppingFiles({
      after({ name, path: file }) {
        if (once || name !== "handle.read" || !file.endsWith(".unsaved")) return;
        once = true;
        takeLockAway();
        // As if the next one had been there meanwhile.
        const json = JSON.stringify({
          schema: 1,
          key: "a",
          value: "new",
          expected: JSON.parse(readFileSync(path(), "utf8")).entries.a.generation,
          generation: "g",
        });
        rmSync(place);
        writeFileSync(place, `${createHash("sha256").update(json).digest("hex")} ${json}\n`, { mode: 0o600 });
      },
    });
    const place = note();
    const late = storeOn(path(), { fs });
    await late.withLock("a", async () => {});
    expect(once).toBe(true);
    expect(await look()).toBe("new");
  });

  test("SEC-66 when it ends by process.exit", async () => {
    await anew().write("a", "old", undefined);
    const code = `
      import { readdirSync, renameSync, writeFileSync } from "node:fs";
      import { tokenFile } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
      const folder = ${JSON.stringify(at())};
      const store = tokenFile({ path: folder + "/tokens.json" });
      await store.withLock("a", async () => {
        await store.prepare("a");
        const note = folder + "/" + readdirSync(folder).find((name) => name.endsWith(".unsaved"));
        writeFileSync(folder + "/theirs", "theirs");
        renameSync(folder + "/theirs", note);
        process.exit(7);
      });`;
    const args = ["--conditions=src", "--no-warnings", "--input-type=module", `--eval=${code}`];
    expect((await once(spawn(process.execPath, args), "exit"))[0]).toBe(7);
    expect(readFileSync(note(), "utf8")).toBe("theirs");
  });
});

describe("SEC-58 what is prepared", () => {
  test("has room for the answer, however little the system writes at a time", async () => {
    const { fs } = realSystem();
    const bytes = 1_000;
    const open: typeof fs.open = async (file, ...rest) => {
      const handle = await fs.open(file, ...rest);
      if (String(file).endsWith(".unsaved")) {
        const write = handle.write.bind(handle) as (
          buffer: Uint8Array,
          offset?: number,
          length?: number,
          position?: number,
        ) => Promise<unknown>;
        Object.assign(handle, {
          write: (buffer: Uint8Array, offset = 0, length = buffer.length - offset, position?: number) =>
            write(buffer, offset, Math.min(length, bytes), position),
        });
      }
      return handle;
    };
    const store = storeOn(path(), { fs: { ...fs, open } });
    await store.withLock("a", async () => {
      await store.prepare("a");
      expect(readFileSync(note()).length).toBeGreaterThan(10_000);
    });
    expect(names()).toEqual([]);
  });

  test("a second time in vain is no hindrance to a write", async () => {
    const generation = await anew().write("a", "old", undefined);
    let broken = "";
    const fs = steppingFiles(({ name, path: file }) => {
      if (name === broken && file.endsWith(".tmp")) throw systemError("EIO");
    });
    const store = storeOn(path(), { fs });
    await store.withLock("a", async () => {
      await store.prepare("a");
      broken = "rename";
      expect(await failing(store.write("a", "dead", generation))).toMatchObject({ reason: "save-failed" });
      broken = "open";
      expect(await failing(store.prepare("a"))).toMatchObject({ reason: "save-failed" });
      broken = "";
      expect(await store.write("a", "new", generation)).toBeTypeOf("string");
    });
    expect(names()).toEqual(["tokens.json"]);
    expect(await look()).toBe("new");
  });
});

describe("fromTokenFile", () => {
  const secret = canary("refresh");
  const recordOf = (nth: number): string =>
    encodeRecord({
      tokens: { accessToken: new AccessToken("access"), refreshToken: new Secret(`${secret.value}-${nth}`) },
    });
  const found = async (profile?: string): Promise<string | undefined> => {
    const credential = await fromTokenFile({ path: path(), profile }).get();
    return credential.type === "refresh-token" ? credential.refreshToken.reveal() : undefined;
  };

  test("SEC-59 gives what is noted, and not what was spent for it; it changes nothing", async () => {
    await anew().write("a", recordOf(1), undefined);
    await renewInVain(recordOf(2));
    expect(await found()).toBe(`${secret.value}-2`);
    expect(await found("a")).toBe(`${secret.value}-2`);
    expect(notes()).toHaveLength(1);
    await anew().write("b", recordOf(7), undefined);
    expect(await found("b")).toBe(`${secret.value}-7`);
    expect(await found("a")).toBe(`${secret.value}-2`);
  });

  test("SEC-67 gives no note that is out of date", async () => {
    const generation = await anew().write("a", recordOf(1), undefined);
    await renewInVain(recordOf(2));
    await anew().write("a", recordOf(3), generation);
    expect(await found()).toBe(`${secret.value}-3`);
    await renewInVain(recordOf(4));
    writeFileSync(path(), '{"schema":1,"entries":{}}');
    expect(await failing(found("a"))).toMatchObject({ reason: "no-profile" });
  });
});
