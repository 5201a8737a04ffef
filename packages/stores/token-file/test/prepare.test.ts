import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { ailing, failOn, refused } from "./support/ailing.ts";
import { steppingFiles } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { asNobody, failing, nobody, posix, root, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const path = (): string => at("tokens.json");

describe("SEC-58 prepare proves that a write can succeed", () => {
  test("SEC-80 a full disk shows before anything is sent, a quota and a read-only file system too", async () => {
    for (const [errno, code, reason] of refused) {
      for (const name of ["open", "handle.write", "handle.sync"]) {
        const { store, unharmed } = await ailing(at(), failOn(name, errno));
        expect(await failing(store.withLock("a", () => store.prepare("a")))).toMatchObject({ code, reason });
        await unharmed();
        await tokenFile({ path: path() }).delete("a");
      }
    }
  });

  test("it takes up the room, and the write uses it", async () => {
    const written: number[] = [];
    const { store, generation } = await ailing(at(), ({ name, path: each, args }) => {
      if (name === "handle.write" && !/\.lock|\.unsaved/.test(each)) written.push((args[0] as Buffer).length);
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
    const { store, unharmed } = await ailing(at(), () => {});
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

  test("who gives up waiting for it does not leave it to make things under somebody else's lock", async () => {
    const { store: slow, gate } = held();
    let left: Promise<void> | undefined;
    const locked = slow.withLock("a", async () => {
      left = slow.prepare("a");
    });
    const next = tokenFile({ path: path() });
    const waiting = next.withLock("a", async () => {
      await next.prepare("a");
      return names().filter((name) => name.endsWith(".unsaved")).length;
    });
    gate.resolve();
    await Promise.all([locked, left]);
    expect(await waiting).toBe(1);
    await slow.withLock("a", () => Promise.all([slow.prepare("a"), slow.prepare("a")]));
    expect(names()).toEqual([]);
  });

  test.runIf(posix)("a folder that may not be written", async () => {
    await tokenFile({ path: path() }).write("a", "old", undefined);
    if (root) for (const each of [at(), path()]) chownSync(each, nobody, nobody);
    chmodSync(at(), 0o500);
    try {
      await asNobody(async () => {
        const store = tokenFile({ path: path() });
        const denied = { code: "ERR_AUTH_DENIED", reason: "permission-denied" };
        const prepare = (): Promise<void> => store.prepare("a");
        expect(await failing(store.withLock("a", prepare))).toMatchObject(denied);
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
    expect(await failing(store.prepare("a"))).toMatchObject({ reason: "store-version" });
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
      expect(await failing(store.prepare("a"))).toMatchObject({ code: "ERR_AUTH_DENIED" });
    } finally {
      works("chattr", ["-i", path()]);
    }
  },
);

/** A store whose disk does not answer while something is prepared, until the gate is opened. */
function held() {
  const gate = Promise.withResolvers<void>();
  const fs = steppingFiles(({ name, path: file, args }) =>
    name === "open" && file.endsWith(".unsaved") && args.length > 2 ? gate.promise : undefined,
  );
  return { store: storeOn(path(), { fs }), gate };
}

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
    const prepare = (): Promise<void> => store.prepare("a");
    expect(await failing(store.withLock("a", prepare))).toMatchObject(full);
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

const loop = tmpfs && works("mkfs.ext4", ["-V"]);
test.skipIf(!tmpfs).for<[string, string[]]>([
  ["tmpfs", ["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs"]],
  ["ext4", ["-o", "loop"]],
])(
  "SEC-58 SEC-80 a disk that fills up to the last byte between sending and saving still takes the answer (%s; needs root on Linux)",
  async ([kind, options], context) => {
    mkdirSync(at("disk"));
    const image = at("image");
    if (kind === "ext4") {
      if (!loop) context.skip("mkfs.ext4 is not here");
      writeFileSync(image, Buffer.alloc(4 * 1024 * 1024));
      works("mkfs.ext4", ["-q", "-m", "0", image]);
    }
    if (!works("mount", [...options, ...(kind === "ext4" ? [image] : []), at("disk")]))
      context.skip("mounting is not allowed here");
    try {
      chmodSync(at("disk"), 0o700);
      let greedy = false;
      const eat = (): void => {
        if (greedy) fillUp(at("disk/filler"));
      };
      const store = storeOn(at("disk/tokens.json"), { fs: steppingFiles({ before: eat, after: eat }) });
      const old = JSON.stringify({ token: "o".repeat(6_000) });
      const generation = await store.write("a", old, undefined);
      await store.write("b", old, undefined);
      const value = JSON.stringify({ token: "n".repeat(7_000) });
      await store.withLock("a", async (lease) => {
        await store.prepare("a");
        await lease.sent?.();
        greedy = true; // another program takes every byte that there is, and that becomes free
        expect(await store.write("a", value, generation)).toBeTypeOf("string");
        greedy = false;
      });
      expect((await store.read("a"))?.value).toBe(value);
      expect((await store.read("b"))?.value).toBe(old);
      expect(names("disk").filter((name) => name.startsWith("tokens"))).toEqual(["tokens.json"]);
    } finally {
      works("umount", ["-l", at("disk")]);
    }
  },
);

/** Until not one byte more fits. */
function fillUp(path: string): void {
  const file = openSync(path, "a");
  for (let size = 65_536; size >= 1; size /= 2) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(file);
}

function works(command: string, args: string[], also = 0): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch (error) {
    return (error as { status?: number }).status === also && also !== 0;
  }
}
