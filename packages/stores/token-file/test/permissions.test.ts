import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fileLock, tokenFile } from "../src/index.ts";
import { checkPrivateDirectory, makePrivateDirectory } from "../src/private-directory.ts";
import { realSystem } from "../src/system.ts";
import { steppingFiles } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { failing, modeOf, posix, root, temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const empty = '{"schema":1,"entries":{}}';

describe.runIf(posix)("SEC-70 private from the first instant", () => {
  test.each([0o000, 0o022, 0o002])("under umask %o", async (mask) => {
    const before = process.umask(mask);
    onTestFinished(() => void process.umask(before));
    const seen = new Map<string, string>();
    const look = (folder: string): void => {
      for (const name of readdirSync(folder, { recursive: true }) as string[]) {
        try {
          const stats = lstatSync(join(folder, name));
          const mode = (stats.mode & 0o7777).toString(8);
          seen.set(`${stats.isDirectory() ? "folder" : "file"} ${mode}`, name);
        } catch {
          // It went between the listing and the look.
        }
      }
    };
    const fs = steppingFiles(() => look(at()));
    const store = storeOn(at("deep/er/tokens.json"), { fs });
    await store.withLock("login", async (lease) => {
      await store.prepare("login");
      await lease.sent?.();
      await store.write("login", "a", undefined);
    });
    look(at());
    expect([...seen.keys()].sort()).toEqual(["file 600", "folder 700"]);
    expect(names("deep/er")).toEqual(["tokens.json"]);
  });

  test("the folder of a fileLock too", async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    await fileLock({ directory: at("locks/here") }).withLock("a", async () => {
      expect([modeOf(at("locks")), modeOf(at("locks/here"))]).toEqual(["700", "700"]);
      expect(names("locks/here").map((name) => modeOf(at(`locks/here/${name}`)))).toEqual(["600", "600"]);
    });
    expect(names("locks/here")).toEqual([]);
  });
});

describe.runIf(posix)("SEC-73 what is checked on the opened file", () => {
  test.each([0o640, 0o604, 0o620, 0o602, 0o644, 0o666])(
    "mode %o is refused, and left as it is",
    async (mode) => {
      const path = put("it's tokens.json", empty);
      chmodSync(path, mode);
      const store = tokenFile({ path });
      const refusal = {
        code: "ERR_AUTH_INVALID",
        reason: "unsafe-permissions",
        message: expect.stringMatching(
          new RegExp(`mode 0${mode.toString(8)}.*chmod 600 '.*/it'.*s tokens.json'`),
        ),
      };
      expect(await failing(store.read("a"))).toMatchObject(refusal);
      expect(await failing(store.write("a", "x", undefined))).toMatchObject(refusal);
      expect(await failing(store.prepare("a"))).toMatchObject(refusal);
      expect(modeOf(path)).toBe(mode.toString(8));
      expect(names()).toEqual(["it's tokens.json"]);
    },
  );

  test("the command mends it", async () => {
    const path = put("it's tokens.json", empty);
    chmodSync(path, 0o644);
    const { message } = (await failing(tokenFile({ path }).read("a"))) as { message: string };
    execFileSync("sh", ["-c", /Run: (.*)$/.exec(message)?.[1] ?? "false"]);
    expect(await tokenFile({ path }).read("a")).toBeUndefined();
  });

  test.runIf(root)("a file of another user is refused", async () => {
    const path = put("tokens.json", empty);
    chownSync(path, 4242, 4242);
    expect(await failing(tokenFile({ path }).read("a"))).toMatchObject({
      reason: "unsafe-permissions",
      message: expect.stringContaining("belongs to user id 4242"),
    });
  });

  test("the documented override reads it; what is written is private", async () => {
    const path = put("open/tokens.json", empty);
    chmodSync(path, 0o666);
    chmodSync(at("open"), 0o777);
    const store = tokenFile({ path, allowUnsafePermissions: true });
    await store.write("a", "x", undefined);
    expect((await store.read("a"))?.value).toBe("x");
    expect(modeOf(path)).toBe("600");
  });

  test("SEC-72 the mode of the old file is not inherited", async () => {
    const path = put("tokens.json", empty);
    chmodSync(path, 0o400);
    await tokenFile({ path }).write("a", "x", undefined);
    expect(modeOf(path)).toBe("600");
  });

  test.runIf(root)("SEC-72 nor its owner", async () => {
    const path = put("tokens.json", empty);
    chownSync(path, 4242, 4242);
    await tokenFile({ path, allowUnsafePermissions: true }).write("a", "x", undefined);
    expect(statSync(path).uid).toBe(0);
  });

  test("L14 more than 4 MiB is not read, and no login is added beyond 1 MiB", async () => {
    const path = put("tokens.json", " ".repeat(4 * 1_048_576 + 1));
    const store = tokenFile({ path });
    expect(await failing(store.read("a"))).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "too-large" });
    const small = tokenFile({ path: at("other.json") });
    const generation = await small.write("a", "kept", undefined);
    expect(await failing(small.write("b", "x".repeat(1_048_576), undefined))).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "secret-too-large",
    });
    expect(await small.read("a")).toEqual({ value: "kept", generation });
    expect(names()).toEqual(["other.json", "tokens.json"]);
  });
});

describe.runIf(posix)("SEC-74 where a store may lie", () => {
  const unsafe = { code: "ERR_AUTH_INVALID", reason: "unsafe-path" };

  test("not behind a symbolic link", async () => {
    const path = put("real.json", empty);
    symlinkSync("real.json", at("tokens.json"));
    const store = tokenFile({ path: at("tokens.json") });
    expect(await failing(store.read("a"))).toMatchObject(unsafe);
    expect(await failing(store.write("a", "x", undefined))).toMatchObject(unsafe);
    expect(await failing(store.delete("a"))).toMatchObject(unsafe);
    symlinkSync("nowhere", at("dangling.json"));
    expect(await failing(tokenFile({ path: at("dangling.json") }).write("a", "x", undefined))).toMatchObject(
      unsafe,
    );
    expect(lstatSync(path).size).toBe(empty.length);
    expect(names()).toEqual(["dangling.json", "real.json", "tokens.json"]);
  });

  test.each([0o777, 0o770, 0o707, 0o1777])("not in a folder that others can write (%o)", async (mode) => {
    mkdirSync(at("shared"));
    chmodSync(at("shared"), mode);
    const store = tokenFile({ path: at("shared/tokens.json") });
    expect(await failing(store.read("a"))).toMatchObject(unsafe);
    expect(await failing(store.write("a", "x", undefined))).toMatchObject(unsafe);
    const work = async (): Promise<string> => "worked";
    expect(await failing(store.withLock("a", work))).toMatchObject(unsafe);
    expect(await failing(fileLock({ directory: at("shared") }).withLock("a", work))).toMatchObject(unsafe);
    expect(names("shared")).toEqual([]);
  });

  test("never in the shared temporary folder itself", async () => {
    expect(
      await failing(tokenFile({ path: "/tmp/auth-test-never-made.json" }).write("a", "x", undefined)),
    ).toMatchObject(unsafe);
  });

  test.runIf(root)("not in a folder of another user", async () => {
    mkdirSync(at("theirs"), { mode: 0o700 });
    chownSync(at("theirs"), 4242, 4242);
    expect(
      await failing(tokenFile({ path: at("theirs/tokens.json") }).write("a", "x", undefined)),
    ).toMatchObject(unsafe);
  });

  test("on Windows, not outside of the user's profile", async () => {
    const trust = { name: "t", allowUnsafePermissions: false };
    const system = { ...realSystem(), platform: "win32" as const };
    expect(await failing(makePrivateDirectory(system, at("D:\\shared"), trust))).toMatchObject(unsafe);
    expect(names()).toEqual([]);
    expect(await checkPrivateDirectory(system, join(homedir(), "never made"), trust)).toBe(false);
  });
});

describe.runIf(posix)("SEC-75 what is no file is an error at once", () => {
  const odd = { code: "ERR_AUTH_INVALID", reason: "not-a-file" };

  test("a FIFO, a socket, a folder, a device", async () => {
    execFileSync("mkfifo", ["-m", "600", at("fifo")]);
    mkdirSync(at("folder"));
    const server = createServer().listen(at("socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    onTestFinished(() => void server.close());
    for (const name of ["fifo", "socket", "folder"]) {
      const store = tokenFile({ path: at(name) });
      expect(await failing(store.read("a"))).toMatchObject(odd);
      expect(await failing(store.write("a", "x", undefined))).toMatchObject(odd);
    }
    expect(
      await failing(tokenFile({ path: "/dev/null", allowUnsafePermissions: true }).read("a")),
    ).toMatchObject(odd);
  });

  test("in the place of a lock too", async () => {
    const store = tokenFile({ path: at("tokens.json") });
    execFileSync("mkfifo", ["-m", "600", at("tokens.json.lock")]);
    expect(await failing(store.write("a", "x", undefined))).toMatchObject({ reason: "unsafe-path" });
  });
});
