import { readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import type { Lease } from "@auth/core";
import { describe, expect, test } from "vitest";
import type { FileLock } from "../src/create-lock.ts";
import { fileLock } from "../src/index.ts";
import type { System } from "../src/system.ts";
import { clockAt, deadPid, elapse, elsewhere, lockOn, pass } from "./support/locks.ts";
import { steppingFiles, systemError } from "./support/stepping-files.ts";
import { failing, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const mine = async (): Promise<string> => "mine";

/** Takes the lock and keeps it: alive, or as if its process had died there. */
async function held(lock: FileLock, sent = false) {
  const taken = Promise.withResolvers<Required<Lease>>();
  const end = Promise.withResolvers<void>();
  const work = lock.withLock("key", async (lease) => {
    if (sent) await lease.sent();
    taken.resolve(lease);
    await end.promise;
  });
  work.catch(taken.reject);
  const lease = await taken.promise;
  return {
    lease,
    async release() {
      end.resolve();
      await work;
    },
  };
}

/** A holder whose process ended while it held the lock: only what lies on disk is left of it. */
async function dead(
  clock = clockAt(),
  sent = false,
  parts: Partial<System["self"]> = { pid: deadPid, started: "1" },
) {
  const { promise } = Promise.withResolvers<never>();
  const stuck = { ...clock, sleep: () => promise }; // no sign of life any more
  await held(lockOn(at(), clock, { ...elsewhere(parts), clock: stuck }), sent);
  return clock;
}

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

describe("SEC-78 a holder that has died", () => {
  test("is followed at once if it had sent nothing", async () => {
    const clock = await dead();
    expect(names()).toHaveLength(2);
    expect(await lockOn(at(), clock).withLock("key", mine, { waitMs: 0 })).toBe("mine");
    expect(names()).toEqual([]);
  });

  test("is waited for until what it sent has settled", async () => {
    const clock = await dead(clockAt(), true);
    const startedAt = clock.monotonic();
    expect(await pass(clock, lockOn(at(), clock).withLock("key", mine))).toBe("mine");
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(29_000);
    expect(names()).toEqual([]);
  });

  test("and is followed at once if nothing has to settle", async () => {
    const clock = await dead(clockAt(), true);
    expect(await lockOn(at(), clock, {}, { settleMs: 0 }).withLock("key", mine, { waitMs: 0 })).toBe("mine");
    expect(names()).toEqual([]);
  });

  test("is followed by one who dies too, and so on", async () => {
    const clock = clockAt();
    for (let turn = 0; turn < 5; turn++) {
      const { promise } = Promise.withResolvers<never>();
      const parts = {
        ...elsewhere({ pid: deadPid + turn, started: "1" }),
        clock: { ...clock, sleep: () => promise },
      };
      const lock = lockOn(at(), clock, parts, { settleMs: 0 });
      await held(lock, turn % 2 === 1);
    }
    expect(await lockOn(at(), clock, {}, { settleMs: 0 }).withLock("key", mine, { waitMs: 0 })).toBe("mine");
    expect(names()).toEqual([]);
  });

  test.each([false, true])(
    "on another machine is followed after the time for it (sent: %s)",
    async (sent) => {
      const clock = await dead(clockAt(), sent, { space: "00000000" });
      const startedAt = clock.monotonic();
      await pass(clock, lockOn(at(), clock).withLock("key", mine, { waitMs: 90_000 }));
      expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(sent ? 59_000 : 29_000);
      expect(clock.monotonic() - startedAt).toBeLessThan(sent ? 63_000 : 33_000);
    },
  );

  test("long ago on another machine: two heartbeats of listening are enough", async () => {
    const clock = await dead(clockAt(), true, { space: "00000000" });
    await clock.advance(3_600_000);
    const startedAt = clock.monotonic();
    await pass(clock, lockOn(at(), clock).withLock("key", mine));
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(10_000);
    expect(clock.monotonic() - startedAt).toBeLessThan(13_000);
  });

  test("a time in which we slept ourselves is no silence of the other", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock, elsewhere({ space: "00000000" })));
    const waiting = lockOn(at(), clock).withLock("key", mine, { waitMs: 60_000 });
    await elapse(clock, 2_000);
    clock.shiftWall(3_600_000); // both machines were suspended
    await elapse(clock, 20_000);
    expect(holder.lease.signal.aborted).toBe(false);
    await holder.release();
    expect(await pass(clock, waiting)).toBe("mine");
  });

  test("a damaged lock file is followed when nobody touches it", async () => {
    const clock = clockAt();
    for (const content of ["", "{", '{"nonce":"../../x","pid":-1}']) {
      writeFileSync(at("test.lock"), content, { mode: 0o600 });
      utimesSync(at("test.lock"), clock.now() / 1000, clock.now() / 1000);
      expect(
        await failing(pass(clock, lockOn(at(), clock).withLock("key", mine, { waitMs: 5_000 }))),
      ).toMatchObject({
        reason: "lock-timeout",
      });
      expect(await pass(clock, lockOn(at(), clock).withLock("key", mine))).toBe("mine");
      expect(names()).toEqual([]);
    }
  });
});

describe("SEC-78 a holder that lives", () => {
  test("keeps the lock by its heartbeat, sent or not", async () => {
    for (const sent of [false, true]) {
      const clock = clockAt();
      const holder = await held(lockOn(at(), clock, another), sent);
      const waiting = pass(clock, failing(lockOn(at(), clock).withLock("key", mine, { waitMs: 100_000 })));
      expect(await waiting).toMatchObject({ reason: "lock-timeout" });
      expect(holder.lease.signal.aborted).toBe(false);
      await holder.release();
      expect(names()).toEqual([]);
    }
  });

  test("SEC-79 but stopped after sending is waited for; the message says who, where, how old", async () => {
    const clock = await dead(clockAt(), true, { pid: process.ppid, started: "0" });
    await clock.advance(600_000);
    const outcome = await pass(clock, failing(lockOn(at(), clock).withLock("key", mine)));
    expect(outcome).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "lock-timeout",
      retryable: true,
      message: expect.stringMatching(
        new RegExp(`30 s.*${at("test.lock")}.*process ${process.ppid} on .* 630 s ago.* 630 s ago`),
      ),
    });
  });

  test("stopped before sending loses it, learns of it, and may not send", async () => {
    const clock = clockAt();
    let asleep = false;
    const fs = steppingFiles(async () => {
      if (asleep) throw systemError("EIO"); // its heartbeats come to nothing
    });
    const holder = await held(lockOn(at(), clock, { ...another, fs }));
    asleep = true;
    const taken = await pass(clock, held(lockOn(at(), clock)));
    expect(taken.lease.signal.aborted).toBe(false);
    asleep = false;
    // It has not noticed yet, and asks.
    expect(await failing(holder.lease.sent())).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "lock-lost",
    });
    expect(holder.lease.signal.aborted).toBe(true);
    expect(await failing(holder.lease.sent())).toMatchObject({ reason: "lock-lost" });
    // Letting go takes nothing from the one who has it now.
    await holder.release();
    await taken.lease.sent();
    expect(taken.lease.signal.aborted).toBe(false);
    await taken.release();
    expect(names()).toEqual([]);
  });

  test("SEC-79 hears of the loss by its next heartbeat, and nothing is thrown", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock));
    rmSync(at("test.lock")); // a person took it away
    const taken = await held(lockOn(at(), clock, another));
    await elapse(clock, 6_000);
    expect(holder.lease.signal.aborted).toBe(true);
    expect(holder.lease.signal.reason).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "lock-lost" });
    await holder.release();
    expect(taken.lease.signal.aborted).toBe(false);
    expect(names()).toContain("test.lock");
    await taken.release();
    expect(names()).toEqual([]);
  });

  test("SEC-79 a file system that does not answer any more is a loss as well, after the time for it", async () => {
    const clock = clockAt();
    let broken = false;
    const fs = steppingFiles(() => {
      if (broken) throw systemError("ESTALE");
    });
    const holder = await held(lockOn(at(), clock, { fs }));
    broken = true;
    await elapse(clock, 25_000);
    expect(holder.lease.signal.aborted).toBe(false);
    await elapse(clock, 10_000);
    expect(holder.lease.signal.aborted).toBe(true);
    broken = false;
    await holder.release();
    expect(names()).toEqual([]);
  });

  test("what cannot be removed now is removed later, and the work's result stands", async () => {
    const clock = clockAt();
    let broken = false;
    const fs = steppingFiles(({ name }) => {
      if (broken && name === "unlink") throw systemError("EIO");
    });
    const outcome = await lockOn(at(), clock, { fs }).withLock("key", async () => {
      broken = true;
      return "done";
    });
    expect(outcome).toBe("done");
    expect(names()).toContain("test.lock");
    broken = false;
    await elapse(clock, 6_000);
    expect(names()).toEqual([]);
  });

  test("noting twice that something is sent is harmless", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock), true);
    await holder.lease.sent();
    await holder.release();
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
    const fs = steppingFiles(({ name }) => {
      if (name === "link" && links++ < 3) throw systemError("EPERM");
    });
    const lock = lockOn(at(), clock, { fs, platform: "win32" }, { allowUnsafePermissions: true });
    expect(await pass(clock, lock.withLock("key", mine))).toBe("mine");
    expect(links).toBe(4);
  });
});
