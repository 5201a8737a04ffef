import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { clockAt, deadPid, elapse, elsewhere, held, heldUntilDeath, lockOn, pass } from "./support/locks.ts";
import { steppingFiles, systemError } from "./support/stepping-files.ts";
import { failing, temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const mine = async (): Promise<string> => "mine";
const dead = (sent = false, parts = {}) => heldUntilDeath(at(), sent, parts);
const another = elsewhere({ pid: process.ppid, started: "0" }); // a living process that is not this one

describe("SEC-78 a holder that has died", () => {
  test("is followed at once if it had sent nothing", async () => {
    const clock = await dead();
    expect(names()).toHaveLength(2);
    expect(await lockOn(at(), clock).withLock("key", mine, { waitMs: 0 })).toBe("mine");
    expect(names()).toEqual([]);
  });

  test("SEC-64 after it had sent, is followed when a second has passed, in which that has arrived", async () => {
    const clock = await dead(true);
    const startedAt = clock.monotonic();
    expect(await pass(clock, lockOn(at(), clock).withLock("key", mine))).toBe("mine");
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(750);
    expect(clock.monotonic() - startedAt).toBeLessThan(2_000);
    expect(names()).toEqual([]);
  });

  test("and is followed at once if nothing has to settle", async () => {
    const clock = await dead(true);
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
      const clock = await dead(sent, { space: "00000000" });
      const startedAt = clock.monotonic();
      await pass(clock, lockOn(at(), clock).withLock("key", mine, { waitMs: 90_000 }));
      expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(sent ? 59_000 : 29_000);
      expect(clock.monotonic() - startedAt).toBeLessThan(sent ? 63_000 : 33_000);
    },
  );

  test("long ago on another machine: two heartbeats of listening are enough", async () => {
    const clock = await dead(true, { space: "00000000" });
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
    const clock = await dead(true, { pid: process.ppid, started: "0" });
    await clock.advance(100_000);
    const outcome = await pass(clock, failing(lockOn(at(), clock).withLock("key", mine)));
    expect(outcome).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "lock-timeout",
      retryable: true,
      message: expect.stringMatching(
        new RegExp(`30 s.*${at("test.lock")}.*process ${process.ppid} on .* 130 s ago.* 130 s ago`),
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
    await expect.poll(() => holder.lease.signal.aborted).toBe(true);
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
    await expect.poll(() => holder.lease.signal.aborted).toBe(true);
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
    await expect.poll(() => names()).toEqual([]);
  });

  test("noting twice that something is sent is harmless", async () => {
    const clock = clockAt();
    const holder = await held(lockOn(at(), clock), true);
    await holder.lease.sent();
    await Promise.all([holder.lease.sent(), holder.lease.sent()]);
    expect(holder.lease.signal.aborted).toBe(false);
    await holder.release();
    expect(names()).toEqual([]);
  });

  test("a heartbeat that looks just then does not take our own note for another's", async () => {
    const clock = clockAt();
    const looked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const fs = steppingFiles(async ({ name, path, args }) => {
      if (name !== "open" || !path.endsWith(".1") || args.length > 2) return;
      looked.resolve();
      await gate.promise;
    });
    const holder = await held(lockOn(at(), clock, { fs }));
    await clock.advance(5_000);
    await looked.promise;
    const noted = holder.lease.sent();
    await elapse(clock, 1_000);
    gate.resolve();
    await noted;
    await elapse(clock, 1_000);
    expect(holder.lease.signal.aborted).toBe(false);
    await holder.release();
    expect(names()).toEqual([]);
  });

  test("work that ends, or fails, while it still notes that something is sent leaves nothing", async () => {
    const lock = lockOn(at(), clockAt());
    for (let time = 0; time < 20; time++) {
      const noted = lock.withLock("key", async (lease) => void Promise.all([lease.sent(), lease.sent()]));
      expect(await failing(noted)).toBe("no error");
      expect(names()).toEqual([]);
    }
  });
});
