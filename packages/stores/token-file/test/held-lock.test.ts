import { setImmediate as turn } from "node:timers/promises";
import { fakeClock } from "@auth/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acquireLock } from "../src/acquire-lock.ts";
import { type Files, realSystem } from "../src/system.ts";
import { memoryFiles } from "./support/memory-files.ts";
import { steppingFiles } from "./support/stepping-files.ts";
import { temporary } from "./support/temporary.ts";

const { at, names } = temporary();
const limits = { heartbeatMs: 5_000, staleMs: 30_000, sentStaleMs: 60_000, settleMs: 30_000 };

type Act = "beat" | "note" | "wait";

/** What the holder does, one after the other without waiting, and for how many turns each call of the file system is held up. */
const courses = fc.record({
  acts: fc.array(fc.constantFrom<Act>("beat", "note", "wait"), { minLength: 1, maxLength: 8 }),
  delays: fc.array(fc.nat(6), { minLength: 1, maxLength: 40 }),
});

/** Plays it, with nobody else about; resolves to what the holder came to believe of its lock. */
async function play(disk: Files, lock: string, acts: readonly Act[], delays: readonly number[]) {
  let calls = 0;
  const hold = async (): Promise<void> => {
    for (let turns = delays[calls++ % delays.length] ?? 0; turns > 0; turns--) await turn();
  };
  const clock = fakeClock({ now: Date.now() });
  const fs = steppingFiles({ before: hold }, disk);
  const held = await acquireLock({ ...realSystem(clock), fs, clock }, lock, {
    name: "test",
    limits,
    waitMs: 1_000,
  });
  if ("instead" in held) throw new Error("nobody offered anything instead");
  const lost: unknown[] = [];
  held.lease.signal.addEventListener("abort", () => lost.push(held.lease.signal.reason));
  const notes: Promise<void>[] = [];
  for (const act of acts) {
    if (act === "beat") await clock.advance(limits.heartbeatMs);
    else if (act === "note") notes.push(held.lease.sent());
    else await turn();
  }
  const releasing = held.release();
  await clock.advance(limits.heartbeatMs);
  const outcomes = await Promise.allSettled(notes);
  await releasing;
  for (let count = 0; count < 60; count++) await turn();
  return {
    lost,
    failed: outcomes.filter(({ status }) => status === "rejected"),
    timers: clock.pending.length,
  };
}

describe("SEC-78 a holder never takes what it does itself to its lock for another's takeover", () => {
  const well = { lost: [], failed: [], timers: 0 };

  test("its heartbeat, its notes and its letting go, in any order, on a disk in memory", async () => {
    const course = fc.asyncProperty(courses, async ({ acts, delays }) => {
      const disk = memoryFiles();
      expect(await play(disk, "/held.lock", acts, delays)).toEqual(well);
      expect(disk.names()).toEqual([]);
    });
    await fc.assert(course, { numRuns: process.env["AUTH_TEST_SOAK"] ? 20_000 : 1_000 });
  });

  test("on a real one", async () => {
    let count = 0;
    const course = fc.asyncProperty(courses, async ({ acts, delays }) => {
      const lock = `${count++}.lock`;
      expect(await play(realSystem().fs, at(lock), acts, delays)).toEqual(well);
      expect(names().filter((name) => name.startsWith(lock))).toEqual([]);
    });
    await fc.assert(course, { numRuns: 40 });
  });
});
