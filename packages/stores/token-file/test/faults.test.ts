import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Clock, systemClock } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { type Step, steppingFiles, systemError } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { asNobody, failing, nobody, posix, root, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
type Hook = (step: Step) => unknown;
const path = (): string => at("tokens.json");

/** A login is there; then the system begins to fail as `hook` says. */
async function ailing(hook: Hook) {
  const generation = await tokenFile({ path: path() }).write("a", "old", undefined);
  const before = readFileSync(path());
  const store = storeOn(path(), { fs: steppingFiles(hook) });
  return {
    store,
    generation,
    unharmed: async () => {
      expect(readFileSync(path())).toEqual(before);
      expect(names()).toEqual(["tokens.json"]);
    },
  };
}

/** Fails every call of that name on a file of ours (not a lock's). */
const failOn =
  (name: string, code: string): Hook =>
  (step) => {
    if (step.name === name && !step.path.includes(".lock") && isWrite(step)) throw systemError(code);
  };

function isWrite({ name, path, args }: Step): boolean {
  return name !== "open" ? path.endsWith(".tmp") : String(args[0]).endsWith(".tmp");
}

const refused = [
  ["ENOSPC", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EDQUOT", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EIO", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EMFILE", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["ESOMETHING", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EACCES", "ERR_AUTH_DENIED", "permission-denied"],
  ["EPERM", "ERR_AUTH_DENIED", "permission-denied"],
  ["EROFS", "ERR_AUTH_DENIED", "read-only"],
] as const;

describe("SEC-71 SEC-80 a write that fails leaves the old file and nothing else", () => {
  test.each(["open", "handle.write", "handle.truncate", "handle.sync", "rename"])("at %s", async (name) => {
    for (const [errno, code, reason] of refused) {
      const secret = canary("token");
      const { store, generation, unharmed } = await ailing(failOn(name, errno));
      const error = await store.write("a", secret.value, generation).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, reason, retryable: code === "ERR_AUTH_UNREACHABLE" });
      secret.check(error);
      expect((error as Error).message).toContain(path());
      await unharmed();
      await tokenFile({ path: path() }).delete("a");
    }
  });

  test("and the next write succeeds", async () => {
    let broken = true;
    const { store, generation } = await ailing((step) => broken && failOn("handle.sync", "EIO")(step));
    expect(await failing(store.write("a", "new", generation))).toMatchObject({ reason: "save-failed" });
    broken = false;
    expect(await store.write("a", "new", generation)).toBeTypeOf("string");
    expect((await store.read("a"))?.value).toBe("new");
  });
});

test("SEC-71 what is written is on the disk before it has the name, and the name before the write is done", async () => {
  const steps: string[] = [];
  const { store, generation } = await ailing(({ name, path: each }) => {
    const at = each.includes(".lock") ? undefined : each.endsWith(".tmp") ? "temporary" : each.slice(-11);
    if (at) steps.push(`${name} ${at}`);
  });
  await store.write("a", "new", generation);
  const folder = at().slice(-11);
  const from = steps.indexOf("open temporary");
  expect(steps.slice(from).filter((step) => !step.startsWith("stat"))).toEqual([
    "open temporary",
    "handle.write temporary",
    "handle.truncate temporary",
    "handle.sync temporary",
    "handle.close temporary",
    "rename temporary",
    `open ${folder}`,
    `handle.sync ${folder}`,
    `handle.close ${folder}`,
    "handle.close temporary",
    "unlink temporary",
  ]);
});

test("SEC-71 a write that the system does in pieces is complete", async () => {
  const { store, generation } = await ailing(() => {});
  const fs = steppingFiles((step) => {
    if (step.name === "handle.write") (step.args as number[])[2] = Math.min(Number(step.args[2]), 7);
  });
  const value = "a long text, written seven bytes at a time";
  await storeOn(path(), { fs }).write("a", value, generation);
  expect((await store.read("a"))?.value).toBe(value);
});

describe("SEC-71 on Windows a rename is tried again", () => {
  async function replaceFailing(times: number) {
    let sleptMs = 0;
    const clock: Clock = {
      ...systemClock,
      async sleep(ms, options) {
        if (options?.background) return systemClock.sleep(ms, options);
        sleptMs += ms;
      },
    };
    const { generation, unharmed } = await ailing(() => {});
    let calls = 0;
    const fs = steppingFiles(({ name }) => {
      if (name === "rename" && calls++ < times)
        throw systemError(["EPERM", "EACCES", "EBUSY"][calls % 3] as string);
    });
    const store = storeOn(path(), { fs, clock, platform: "win32" }, { allowUnsafePermissions: true });
    return { outcome: await failing(store.write("a", "new", generation)), calls, sleptMs, unharmed };
  }

  test("a few times", async () => {
    expect(await replaceFailing(6)).toMatchObject({ outcome: "no error", calls: 7 });
  });

  test("but not more than 10 times, nor longer than 2 s", async () => {
    const { outcome, calls, sleptMs, unharmed } = await replaceFailing(Number.POSITIVE_INFINITY);
    expect(outcome).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      message: expect.stringContaining("another program"),
    });
    expect(calls).toBe(11);
    expect(sleptMs).toBeGreaterThan(1_000);
    expect(sleptMs).toBeLessThan(2_000);
    await unharmed();
  });
});

describe("SEC-58 prepare proves that a write can succeed", () => {
  test("SEC-80 a full disk shows before anything is sent, a quota and a read-only file system too", async () => {
    for (const [errno, code, reason] of refused) {
      for (const name of ["open", "handle.write", "handle.sync"]) {
        const { store, unharmed } = await ailing(failOn(name, errno));
        expect(await failing(store.withLock("a", () => store.prepare("a")))).toMatchObject({ code, reason });
        await unharmed();
        await tokenFile({ path: path() }).delete("a");
      }
    }
  });

  test("it takes up the room, and the write uses it", async () => {
    const written: number[] = [];
    const { store, generation } = await ailing(({ name, path: each, args }) => {
      if (name === "handle.write" && !each.includes(".lock")) written.push((args[0] as Buffer).length);
      if (name === "open" && each.endsWith(".tmp") && !each.includes(".lock")) written.push(0);
    });
    await store.withLock("a", async () => {
      await store.prepare("a");
      await store.prepare("a");
      expect(names().filter((name) => name.endsWith(".tmp") && !name.includes(".lock"))).toHaveLength(1);
      await store.write("a", "new", generation);
    });
    expect(written).toEqual([0, expect.any(Number), readFileSync(path()).length]);
    expect(written[1]).toBeGreaterThan(16_000);
    expect(names()).toEqual(["tokens.json"]);
  });

  test("SEC-66 what was prepared and not used is gone with the lock", async () => {
    const { store, unharmed } = await ailing(() => {});
    await store.withLock("a", () => store.prepare("a"));
    await failing(
      store.withLock("a", async () => {
        await store.prepare("a");
        throw new Error("nothing to write after all");
      }),
    );
    await store.prepare("a"); // somebody else's lock: nobody says when it ends
    await unharmed();
  });

  test.runIf(posix)("a folder that may not be written", async () => {
    await tokenFile({ path: path() }).write("a", "old", undefined);
    if (root) for (const each of [at(), path()]) chownSync(each, nobody, nobody);
    chmodSync(at(), 0o500);
    try {
      await asNobody(async () => {
        const store = tokenFile({ path: path() });
        const denied = { code: "ERR_AUTH_DENIED", reason: "permission-denied" };
        const prepare = (): Promise<unknown> => Promise.resolve(store.prepare?.("a"));
        expect(await failing(store.withLock?.("a", prepare) as Promise<unknown>)).toMatchObject(denied);
        expect(await failing(prepare())).toMatchObject(denied);
        expect((await store.read("a"))?.value).toBe("old");
      });
    } finally {
      chmodSync(at(), 0o700);
    }
  });

  test("a file of a newer version", async () => {
    writeFileSync(path(), '{"schema":2,"entries":{}}', { mode: 0o600 });
    const store = tokenFile({ path: path() });
    expect(await failing(store.prepare?.("a") as Promise<void>)).toMatchObject({ reason: "store-version" });
  });
});

const chattr = root && process.platform === "linux" && works("chattr", ["--help"], 1);
test.skipIf(!chattr)(
  "SEC-58 an immutable file is noticed before anything is sent (needs root and chattr)",
  async (context) => {
    const store = tokenFile({ path: path() });
    await store.write("a", "old", undefined);
    if (!works("chattr", ["+i", path()])) context.skip("this file system knows no immutable files");
    try {
      expect(await failing(store.prepare?.("a") as Promise<void>)).toMatchObject({ code: "ERR_AUTH_DENIED" });
    } finally {
      works("chattr", ["-i", path()]);
    }
  },
);

const tmpfs = root && process.platform === "linux";
test.skipIf(!tmpfs)("SEC-80 a disk that is really full (needs root on Linux)", async (context) => {
  mkdirSync(at("disk"));
  if (!works("mount", ["-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", at("disk")]))
    context.skip("mounting is not allowed here");
  try {
    const file = at("disk/tokens.json");
    const store = tokenFile({ path: file });
    const generation = await store.write("a", "old", undefined);
    writeFileSync(at("disk/filler"), Buffer.alloc(48 * 1024));
    const full = { code: "ERR_AUTH_UNREACHABLE", reason: "save-failed" };
    const prepare = (): Promise<unknown> => Promise.resolve(store.prepare?.("a"));
    expect(await failing(store.withLock?.("a", prepare) as Promise<unknown>)).toMatchObject(full);
    expect(await failing(store.write("a", "x".repeat(20_000), generation))).toMatchObject(full);
    expect(await store.read("a")).toEqual({ value: "old", generation });
    expect(names("disk")).toEqual(["filler", "tokens.json"]);
    expect(works("mount", ["-o", "remount,ro", at("disk")])).toBe(true);
    const readOnly = { code: "ERR_AUTH_DENIED", reason: "read-only" };
    expect(await failing(store.write("a", "x", generation))).toMatchObject(readOnly);
    expect(await store.read("a")).toEqual({ value: "old", generation });
  } finally {
    works("umount", ["-l", at("disk")]);
  }
});

function works(command: string, args: string[], also = 0): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch (error) {
    return (error as { status?: number }).status === also && also !== 0;
  }
}
