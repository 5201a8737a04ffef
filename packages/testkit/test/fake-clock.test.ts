import { setImmediate as macrotask } from "node:timers/promises";
import { systemClock } from "@auth/core";
import { describe, expect, test } from "vitest";
import { fakeClock } from "../src/index.ts";

test("it stands still, and both clocks move together", async () => {
  const clock = fakeClock({ now: 1000 });
  const start = clock.monotonic();
  expect([clock.now(), clock.now(), clock.random()]).toEqual([1000, 1000, 0.5]);
  await clock.advance(250.5);
  expect(clock.now()).toBe(1250.5);
  expect(clock.monotonic() - start).toBe(250.5);
});

test("clocks part: a corrected wall clock, a suspended machine", async () => {
  const clock = fakeClock({ now: 1000 });
  const start = clock.monotonic();
  clock.shiftWall(-5000);
  expect([clock.now(), clock.monotonic() - start]).toEqual([-4000, 0]);
  clock.setWall(7000);
  expect([clock.now(), clock.monotonic() - start]).toEqual([7000, 0]);
  await clock.advanceMonotonic(30);
  expect([clock.now(), clock.monotonic() - start]).toEqual([7000, 30]);
});

test("sleepers wake in the order they are due, at their own instant, equal ones as they came", async () => {
  const clock = fakeClock({ now: 0 });
  const woken: string[] = [];
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push(`${name}@${clock.now()}`);
  };
  const all = [sleep("c", 300), sleep("a", 100), sleep("b1", 200), sleep("b2", 200), sleep("late", 401)];
  await clock.advance(400);
  expect(woken).toEqual(["a@100", "b1@200", "b2@200", "c@300"]);
  await clock.advance(1);
  await Promise.all(all);
  expect(woken.at(-1)).toBe("late@401");
});

test("a chain of sleeps inside one advance is served, with promises and I/O turns in between", async () => {
  const clock = fakeClock({ now: 0 });
  const seen: number[] = [];
  const loop = (async () => {
    for (let round = 0; round < 5; round++) {
      await clock.sleep(100);
      await macrotask();
      for (let tick = 0; tick < 50; tick++) await Promise.resolve();
      seen.push(clock.now());
    }
  })();
  await clock.advance(450);
  expect(seen).toEqual([100, 200, 300, 400]);
  await clock.advance(50);
  await loop;
  expect(seen.at(-1)).toBe(500);
});

test("a sleep that begins after advance was called counts from the instant before", async () => {
  const clock = fakeClock();
  let awake = false;
  void Promise.resolve()
    .then(() => clock.sleep(100))
    .then(() => {
      awake = true;
    });
  await clock.advance(100);
  expect(awake).toBe(true);
});

test("the wall clock alone wakes nobody, the monotonic clock alone does", async () => {
  const clock = fakeClock();
  const sleep = clock.sleep(1000);
  clock.shiftWall(1_000_000);
  await macrotask();
  expect(clock.pending).toEqual([{ dueInMs: 1000, background: false }]);
  await clock.advanceMonotonic(1000);
  await sleep;
  expect(clock.pending).toEqual([]);
});

test("pending tells how many sleep, until when, and which of them in the background", async () => {
  const clock = fakeClock();
  const leave = new AbortController();
  const ended = Promise.allSettled([
    clock.sleep(2000, { signal: leave.signal }),
    clock.sleep(1000, { signal: leave.signal, background: true }),
  ]);
  await clock.advance(400);
  expect(clock.pending).toEqual([
    { dueInMs: 600, background: true },
    { dueInMs: 1600, background: false },
  ]);
  leave.abort();
  await ended;
  expect(clock.pending).toEqual([]);
});

test("sleeping() resolves when the code under test has come to its sleep", async () => {
  const clock = fakeClock();
  const events: string[] = [];
  void clock.sleeping(2).then(() => events.push("two sleep"));
  void clock.sleep(1);
  await macrotask();
  events.push("second");
  void clock.sleep(1);
  await macrotask();
  expect(events).toEqual(["second", "two sleep"]);
  await clock.sleeping();
  await clock.advance(1);
});

test("until() lets time pass from wait to wait, and no longer than needed", async () => {
  const clock = fakeClock({ now: 0 });
  const work = async (): Promise<number> => {
    for (const ms of [10, 1000, 5]) await clock.sleep(ms);
    return clock.now();
  };
  expect(await clock.until(work())).toBe(1015);
  expect(clock.now()).toBe(1015);
  await expect(clock.until(Promise.reject(new Error("failed")))).rejects.toThrow("failed");
});

test("until() stands still while nobody waits, and while it is paused", async () => {
  const clock = fakeClock({ now: 0 });
  const deadline = new AbortController();
  clock.sleep(1000, { signal: deadline.signal }).catch(() => {});
  let turns = 0;
  const work = (async () => {
    while (turns++ < 10) await macrotask();
    return clock.now();
  })();
  expect(await clock.until(work, { paused: () => turns < 10 })).toBe(0);
  deadline.abort();
  expect(await clock.until(macrotask("done"))).toBe("done");
  expect(clock.now()).toBe(0);
});

test("until() gives up after its limit, and when its signal says so", async () => {
  const clock = fakeClock({ now: 0 });
  const never = new Promise(() => {});
  await expect(clock.until(never, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
  void clock.sleep(1e6);
  await expect(clock.until(never, { limitMs: 3000 })).rejects.toThrow("within 3000 ms");
  expect(clock.now()).toBe(3000);
});

test("SEC-51 no timer is longer than 2^31-1 ms", async () => {
  const clock = fakeClock();
  const sleep = clock.sleep(1e12);
  expect(clock.pending[0]?.dueInMs).toBe(2 ** 31 - 1);
  await clock.advance(2 ** 31 - 1);
  await sleep;
});

test("a wait of less than nothing ends by itself", async () => {
  const clock = fakeClock();
  await clock.sleep(-1);
  await clock.sleep(Number.NaN);
});

test("time does not run backwards", async () => {
  await expect(fakeClock().advance(-1)).rejects.toThrow(TypeError);
  await expect(fakeClock().advance(Number.NaN)).rejects.toThrow(TypeError);
});

test("random is a number or a function of one's own", () => {
  const draws = [0.1, 0.2];
  const clock = fakeClock({ random: () => draws.shift() ?? 0 });
  expect([clock.random(), clock.random(), clock.random()]).toEqual([0.1, 0.2, 0]);
  expect(fakeClock({ random: 0.99 }).random()).toBe(0.99);
});

// What code under test sees of a wait is the same on both clocks.
describe.each([
  ["the real clock", () => systemClock],
  ["the fake clock", () => fakeClock()],
])("%s", (_, create) => {
  test("SEC-28 an aborted signal ends a sleep before it begins, with its own reason", async () => {
    const reason = { why: "left" };
    await expect(create().sleep(0, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("SEC-28 abort ends a sleep with the signal's own reason", async () => {
    const leave = new AbortController();
    const sleep = create().sleep(1_000_000, { signal: leave.signal });
    leave.abort("left");
    await expect(sleep).rejects.toBe("left");
  });

  test("a wait of nothing ends by itself", async () => {
    await create().sleep(0);
    await create().sleep(0, { background: true });
  });

  test("a wait of nothing can be aborted", async () => {
    const leave = new AbortController();
    const sleep = create().sleep(0, { signal: leave.signal });
    leave.abort("left");
    await expect(sleep).rejects.toBe("left");
  });

  test("a signal that aborts after the wait does nothing", async () => {
    const leave = new AbortController();
    await create().sleep(0, { signal: leave.signal });
    leave.abort("too late");
  });
});
