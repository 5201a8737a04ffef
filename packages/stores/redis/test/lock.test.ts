import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { holder } from "./support/holder.ts";
import { describeReal, eventually, failing, held, realServer } from "./support/world.ts";

const mine = async (): Promise<string> => "mine";

describeReal("SEC-78 the lock over Redis", () => {
  const real = realServer();
  const left = async (): Promise<number> => real.admin.pTTL(await real.keyOf("lock"));
  /** For the server the time is over; its own clock cannot be moved. */
  const expire = async (): Promise<unknown> => real.admin.pExpire(await real.keyOf("lock"), 1);
  const timeout = { code: "ERR_AUTH_UNREACHABLE", reason: "lock-timeout", retryable: true };

  describe("a holder that died", () => {
    test.runIf(process.platform === "linux").each([false, true])(
      "SEC-64 beside us is followed as soon as what it sent has arrived (sent: %s)",
      async (sent) => {
        const dead = await holder(real.server);
        if (sent) expect(await dead.tell("sent")).toBe("sent");
        await dead.kill();
        const store = await real.store();
        expect(await left()).toBeGreaterThan(20_000);
        expect(await store.withLock("key", mine, { waitMs: sent ? 5_000 : 0 })).toBe("mine");
        expect(await real.admin.keys("*")).toEqual([]);
      },
    );

    test.runIf(process.platform === "linux")(
      "SEC-64 one that lives is not, whatever became of its pid",
      async () => {
        const alive = await holder(real.server);
        const store = await real.store();
        const timedOut = () => failing(store.withLock("key", mine, { waitMs: 0 }));
        expect(await timedOut()).toMatchObject(timeout);
        const lock = await real.keyOf("lock");
        const text = (await real.admin.hGet(lock, "holder")) ?? "";
        expect(text).toMatch(/^process \d+ on \S+ \(\S+ \d+\)$/);
        // In another container, or on another machine.
        await real.admin.hSet(lock, "holder", text.replace(/\(\S+/, "(somewhere"));
        await alive.kill();
        expect(await timedOut()).toMatchObject(timeout);
        // The pid is somebody else's by now.
        const [, ours = ""] = /\((\S+ )/.exec(text) ?? [];
        await real.admin.hSet(lock, "holder", `process ${process.pid} on here (${ours}1)`);
        expect(await store.withLock("key", mine, { waitMs: 0 })).toBe("mine");
      },
    );

    test.each([
      ["before it sent: free 30 s after its last sign of life", false, 30_000],
      ["after it sent: not before 60 s, because its answer may be on the way", true, 60_000],
    ])("elsewhere, %s", async (_, sent, leaseMs) => {
      const dead = await holder(real.server);
      if (sent) expect(await dead.tell("sent")).toBe("sent");
      await real.admin.hSet(await real.keyOf("lock"), "holder", `process ${dead.pid} on elsewhere`);
      await dead.kill();
      expect(await left()).toBeGreaterThan(leaseMs / 2 + 1);
      expect(await left()).toBeLessThanOrEqual(leaseMs);
      const store = await real.store();
      const outcome = await failing(store.withLock("key", mine, { waitMs: 0 }));
      expect(outcome).toMatchObject({
        ...timeout,
        message: expect.stringMatching(
          new RegExp(
            `process ${dead.pid} on .* took it \\d+ s ago${sent ? ", has sent a refresh token.*Ending it may end the login" : "\\. If"}`,
          ),
        ),
      });
      await expire();
      expect(await store.withLock("key", mine)).toBe("mine");
      expect(await real.admin.keys("*")).toEqual([]);
    });
  });

  test("who waits and finds that another one has done it leaves the queue, without a turn", async () => {
    const store = await real.store();
    const first = await held(store, true);
    let done = false;
    let turns = 0;
    const unless = async () => (done ? "done by another" : undefined);
    const crowd = Array.from({ length: 6 }, async () => {
      const other = await real.store();
      return other.withLock("key", async () => `turn ${++turns}`, { unless });
    });
    await eventually(
      async () => real.admin.zCard((await real.keyOf("lock")).replace(/lock$/, "waiting")),
      (waiting) => waiting === 6,
    );
    // The first of them finds out by its own turn; the lock changes hands, and the others are told.
    done = true;
    await first.release();
    const outcomes = await Promise.all(crowd);
    expect(outcomes.filter((outcome) => outcome.startsWith("turn")).length).toBeLessThan(6);
    expect(outcomes).toContain("done by another");
    expect(turns).toBe(outcomes.filter((outcome) => outcome.startsWith("turn")).length);
    expect(await store.withLock("key", mine)).toBe("mine");
    expect(await real.admin.keys("*")).toEqual([]);
  });

  test("a release that the server did not hear is said again: nobody waits for one that has let go", async () => {
    const clock = fakeClock();
    const holder = await held(await real.store({ clock }));
    await holder.lease.sent();
    await real.admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"]); // it takes no writes
    await holder.release();
    await real.admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
    expect(await left()).toBeGreaterThan(30_000);
    await clock.advance(5_000);
    await eventually(
      () => real.admin.keys("*"),
      (keys) => keys.length === 0,
    );
  });

  test("a holder that was stopped learns that it lost the lock before it sends, and takes it from nobody", async () => {
    const stopped = await holder(real.server);
    stopped.signal("SIGSTOP");
    await expire();
    const next = await held(await real.store(), true);
    stopped.signal("SIGCONT");
    expect(await stopped.tell("sent")).toBe("lock-lost, true");
    expect(await stopped.tell("end")).toBe("ended");
    expect(await left()).toBeGreaterThan(30_000);
    await next.lease.sent();
    expect(next.lease.signal.aborted).toBe(false);
    await next.release();
    expect(await real.admin.keys("*")).toEqual([]);
  });

  test.each([
    [false, 30_000],
    [true, 60_000],
  ])("a slow holder keeps it by its signs of life (sent: %s)", async (sent, leaseMs) => {
    const clock = fakeClock();
    const slow = await held(await real.store({ clock }), sent);
    for (let beats = 0; beats < 5; beats++) {
      await real.admin.pExpire(await real.keyOf("lock"), 15_000); // so much is left
      await clock.advance(5_000);
      expect(await eventually(left, (ms) => ms > 15_000)).toBeGreaterThan(leaseMs - 10_000);
    }
    expect(slow.lease.signal.aborted).toBe(false);
    await slow.release();
  });

  test("SEC-79 who waits too long hears who has it, since when, and for how long at most", async () => {
    const slow = await held(await real.store());
    const outcome = await failing((await real.store()).withLock("key", mine, { waitMs: 30 }));
    expect(outcome).toMatchObject({
      ...timeout,
      message: expect.stringMatching(
        new RegExp(`^redis auth:: .*process ${process.pid} on \\S+ took it \\d s ago.*free in (?:29|30) s`),
      ),
    });
    await slow.release();
  });

  test("SEC-79 a lock that was removed is noticed by the next sign of life, and nothing is thrown", async () => {
    const clock = fakeClock();
    const holder = await held(await real.store({ clock }));
    await real.admin.del(await real.keyOf("lock"));
    const other = await held(await real.store());
    await clock.advance(5_000);
    await eventually(
      () => real.admin.ping(),
      () => holder.lease.signal.aborted,
    );
    expect(holder.lease.signal.reason).toMatchObject({ reason: "lock-lost" });
    expect(await failing(holder.lease.sent())).toMatchObject({ reason: "lock-lost" });
    await holder.release();
    expect(await left()).toBeGreaterThan(0);
    await other.release();
  });

  test("SEC-57 a server that does not answer for as long as the lease lasts is a loss as well", async () => {
    const clock = fakeClock();
    const holder = await held(await real.store({ clock }));
    await real.server.signal("SIGSTOP");
    await clock.advance(24_000);
    expect(holder.lease.signal.aborted).toBe(false);
    await clock.advance(8_000);
    expect(holder.lease.signal.reason).toMatchObject({ reason: "lock-lost" });
    await clock.until(holder.release());
    await real.server.signal("SIGCONT");
  });

  test("SEC-59 who has sent keeps the lock while it lives, also when the server was away, and has forgotten it", async () => {
    const clock = fakeClock();
    const holder = await held(await real.store({ clock }), true);
    await real.server.signal("SIGSTOP");
    await clock.advance(300_000);
    await real.server.signal("SIGCONT");
    await real.admin.flushAll();
    expect(holder.lease.signal.aborted).toBe(false);
    await eventually(
      async () => {
        await clock.advance(5_000);
        return real.admin.keys("*");
      },
      (keys) => keys.length === 1,
    );
    expect(await left()).toBeGreaterThan(50_000);
    const lock = await real.keyOf("lock");
    expect(await real.admin.hGetAll(lock)).toMatchObject({
      sent: "1",
      since: expect.stringMatching(/^\d{13}$/),
    });
    expect(await failing((await real.store()).withLock("key", mine, { waitMs: 0 }))).toMatchObject({
      ...timeout,
      message: expect.stringMatching(
        `process ${process.pid} on \\S+ took it \\d s ago, has sent a refresh token`,
      ),
    });
    expect(holder.lease.signal.aborted).toBe(false);
    await holder.release();
    expect(await real.admin.keys("*")).toEqual([]);
  });

  test("SEC-78 but it takes it from nobody, and sends nothing more under a lock that was forgotten", async () => {
    const clock = fakeClock();
    const first = await held(await real.store({ clock }), true);
    await real.admin.flushAll();
    expect(await failing(first.lease.sent())).toMatchObject({ reason: "lock-lost" });
    await first.release();
    const second = await held(await real.store({ clock }), true);
    await real.admin.flushAll();
    const other = await held(await real.store());
    await clock.advance(5_000);
    await eventually(
      () => real.admin.ping(),
      () => second.lease.signal.aborted,
    );
    await second.release();
    expect(await left()).toBeGreaterThan(0);
    await other.release();
  });

  test("what a damaged lock says of its holder is not repeated", async () => {
    const holder = await held(await real.store());
    await real.admin.hSet(await real.keyOf("lock"), { holder: "\u001b[31msomebody\n", since: "never" });
    const outcome = await failing((await real.store()).withLock("key", mine, { waitMs: 0 }));
    expect(outcome).toMatchObject({ message: expect.stringContaining("an unknown process took it 0 s ago") });
    await holder.release();
  });
});
