import { readFileSync, rmSync } from "node:fs";
import { AuthError } from "@auth/core";
import { describe, expect, test } from "vitest";
import { fileLock } from "../src/index.ts";
import { clockAt, elapse, elsewhere, held, lockOn, pass } from "./support/locks.ts";
import { steppingFiles, systemError } from "./support/stepping-files.ts";
import { failing, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const mine = async (): Promise<string> => "mine";
const another = elsewhere({ pid: process.ppid, started: "0" }); // a living process that is not this one

describe("SEC-78 one holder", () => {
  test("the lock says who, and is gone afterwards", async () => {
    const lock = fileLock({ directory: at() });
    await lock.withLock("key", async () => {
      const [file = ""] = names().filter((name) => name.endsWith(".lock"));
      expect(JSON.parse(readFileSync(at(file), "utf8"))).toMatchObject({
        nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
        pid: process.pid,
        host: expect.any(String),
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      });
    });
    expect(names()).toEqual([]);
  });

  test("keys have locks of their own, whatever text they are", async () => {
    const lock = fileLock({ directory: at() });
    const nested = await lock.withLock("../a", () => lock.withLock("../b\0", () => lock.withLock("", mine)));
    expect(nested).toBe("mine");
    expect(names()).toEqual([]);
  });

  test("whoever waits in the same process does not look at the disk", async () => {
    const clock = clockAt();
    let looks = 0;
    const fs = steppingFiles(() => ++looks);
    const lock = lockOn(at(), clock, { fs });
    const holder = await held(lock);
    const waiting = Array.from({ length: 50 }, () => lock.withLock("key", mine));
    const before = looks;
    await elapse(clock, 4_000);
    expect(looks).toBe(before);
    await holder.release();
    expect(await Promise.all(waiting)).toHaveLength(50);
  });

  test("SEC-79 waiting in the same process ends as well", async () => {
    const clock = clockAt();
    const lock = lockOn(at(), clock);
    const holder = await held(lock);
    const late = lock.withLock("key", mine);
    const aborted = new AbortController();
    const leaving = failing(lock.withLock("key", mine, { signal: aborted.signal }));
    aborted.abort("left");
    expect(await leaving).toBe("left");
    expect(await pass(clock, failing(late))).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "lock-timeout",
      message: expect.stringMatching(new RegExp(`30 s.*${at("test.lock")}.*${process.pid}`)),
    });
    await holder.release();
    expect(await lock.withLock("key", mine)).toBe("mine");
  });
});

test("the time in the lock is when it was taken, not when it was waited for", async () => {
  const clock = clockAt();
  const startedAt = clock.now();
  const holder = await held(lockOn(at(), clock, another));
  const waiting = held(lockOn(at(), clock));
  await clock.sleeping(2);
  await elapse(clock, 20_000);
  await holder.release();
  const next = await pass(clock, waiting);
  const { since } = JSON.parse(readFileSync(at("test.lock"), "utf8")) as { since: string };
  expect(Date.parse(since) - startedAt).toBeGreaterThanOrEqual(20_000);
  await next.release();
  expect(names()).toEqual([]);
});

test("a lock whose folder was taken away is let go all the same", async () => {
  const clock = clockAt();
  const holder = await held(lockOn(at("folder"), clock));
  rmSync(at("folder"), { recursive: true });
  await holder.release();
  expect(clock.pending).toEqual([]);
});

describe("whoever waits is told that it need not, when the lock has changed hands", () => {
  const nobody = async (): Promise<string> => {
    throw new Error("the lock was taken all the same");
  };

  test.each(["process", "instance"])("by another %s", async (other) => {
    const clock = clockAt();
    const lock = lockOn(at(), clock);
    const holder = await held(other === "process" ? lockOn(at(), clock, another) : lock);
    let renewed: string | undefined;
    let asked = 0;
    const unless = async (): Promise<string | undefined> => {
      asked++;
      return renewed;
    };
    const waiting = [1, 2, 3].map(() => lock.withLock("key", nobody, { unless }));
    await clock.sleeping(4); // the holder's heartbeat, and those who wait
    expect(asked).toBe(0);
    renewed = "somebody else did it";
    await holder.release();
    for (const each of waiting) expect(await pass(clock, each, 5)).toBe(renewed);
    expect(asked).toBe(3);
    expect(await lock.withLock("key", mine, { unless: () => Promise.reject(new Error("not asked")) })).toBe(
      "mine",
    );
    expect(names()).toEqual([]);
  });

  test("and has what it brought, whatever becomes of the files of its own", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock, another));
    const fs = steppingFiles(({ name, path }) => {
      if (name === "unlink" && path.endsWith(".tmp")) throw systemError("EIO");
    });
    const waiting = lockOn(at(), clock, { fs }).withLock("key", mine, { unless: async () => "theirs" });
    await clock.sleeping(2);
    await holder.release();
    expect(await pass(clock, waiting, 5)).toBe("theirs");
  });

  test("and takes the lock if that has brought nothing", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock, another));
    const waiting = lockOn(at(), clock).withLock("key", mine, { unless: async () => undefined });
    await clock.sleeping(2);
    await holder.release();
    expect(await pass(clock, waiting, 5)).toBe("mine");
    expect(names()).toEqual([]);
  });

  test("what it fails with comes out, and nothing is left", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock, another));
    const failure = new AuthError("ERR_AUTH_INTERACTION_REQUIRED", "logged-out", "logged out");
    const waiting = lockOn(at(), clock).withLock("key", mine, { unless: () => Promise.reject(failure) });
    waiting.catch(() => {});
    await clock.sleeping(2);
    await holder.release();
    expect(await pass(clock, waiting, 5).catch((error: unknown) => error)).toBe(failure);
    expect(names()).toEqual([]);
  });
});

describe("an abort", () => {
  test("SEC-28 ends the wait with the signal's reason, and leaves nothing", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock, another));
    const controller = new AbortController();
    const waiting = failing(lockOn(at(), clock).withLock("key", mine, { signal: controller.signal }));
    await clock.sleeping(2);
    controller.abort("left");
    expect(await waiting).toBe("left");
    await holder.release();
    expect(names()).toEqual([]);
  });

  test("while the lock is being taken gives it back", async () => {
    const controller = new AbortController();
    const fs = steppingFiles(({ name }) => name === "link" && controller.abort("left"));
    expect(
      await failing(lockOn(at(), clockAt(), { fs }).withLock("key", mine, { signal: controller.signal })),
    ).toBe("left");
    expect(names()).toEqual([]);
  });
});

describe("errors of the system", () => {
  test.each([
    ["EACCES", "ERR_AUTH_DENIED", "permission-denied"],
    ["EROFS", "ERR_AUTH_DENIED", "read-only"],
    ["ENOSPC", "ERR_AUTH_UNREACHABLE", "save-failed"],
    ["EOPNOTSUPP", "ERR_AUTH_UNAVAILABLE", "unsupported-file-system"],
  ])("SEC-80 %s", async (errno, code, reason) => {
    for (const step of ["open", "link"]) {
      const fs = steppingFiles(({ name }) => {
        if (name === step) throw systemError(errno);
      });
      expect(await failing(lockOn(at(), clockAt(), { fs }).withLock("key", mine))).toMatchObject({
        code,
        reason,
      });
      expect(names()).toEqual([]);
    }
  });

  test("on Windows a lock file that is just being removed is waited for", async () => {
    const clock = clockAt();
    let links = 0;
    const fs = steppingFiles(({ name, args }) => {
      if (name === "link" && String(args[1]).endsWith(".lock") && links++ < 3) throw systemError("EPERM");
    });
    const lock = lockOn(at(), clock, { fs, platform: "win32" }, { allowUnsafePermissions: true });
    expect(await pass(clock, lock.withLock("key", mine))).toBe("mine");
    expect(links).toBe(4);
  });
});
