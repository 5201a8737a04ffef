import { describe, expect, test } from "vitest";
import { lockLimits } from "../src/lock-options.ts";
import { mayTakeOver, type Observation } from "../src/lock-verdict.ts";

const limits = lockLimits("test", {});
const living: Observation = { ended: false, alive: "other", frozen: false, ageMs: 0, silentMs: 0 };
const judge = (seen: Partial<Observation>): boolean => mayTakeOver({ ...living, ...seen }, limits);

test("L10 the limits", () => {
  expect(limits).toEqual({ heartbeatMs: 5_000, staleMs: 30_000, sentStaleMs: 60_000, settleMs: 1_000 });
  expect(lockLimits("fileLock", { heartbeatMs: 50, staleMs: 300 }).settleMs).toBe(300);
  expect(() => lockLimits("fileLock", { heartbeatMs: 20_000 })).toThrow(TypeError);
  expect(() => lockLimits("fileLock", { sentStaleMs: 10 })).toThrow(TypeError);
  expect(() => lockLimits("fileLock", { staleMs: 0 })).toThrow(TypeError);
  expect(() => lockLimits("fileLock", { heartbeatMs: Number.NaN })).toThrow(TypeError);
});

describe("SEC-78 a holder that has ended", () => {
  test("loses the lock at once if it had not sent", () => expect(judge({ ended: true })).toBe(true));

  test("SEC-64 otherwise a second after its last sign of life: what it sent is on its way no more", () => {
    expect(judge({ ended: true, frozen: true, ageMs: 999 })).toBe(false);
    expect(judge({ ended: true, frozen: true, ageMs: 1_000 })).toBe(true);
    expect(judge({ ended: true, frozen: true, ageMs: 0, silentMs: 1_000 })).toBe(true);
  });
});

describe("SEC-78 a holder that may be alive", () => {
  test("keeps the lock while it gives signs of life", () => {
    for (const alive of ["other", "own", undefined] as const) {
      expect(judge({ alive, ageMs: 29_999, silentMs: 29_999 })).toBe(false);
      // An old time alone says nothing: two clocks differ, or we have slept ourselves.
      expect(judge({ alive, ageMs: 3_600_000, silentMs: 9_999 })).toBe(false);
    }
  });

  test("loses it when it is silent, if it had not sent", () => {
    for (const alive of ["other", "own", undefined] as const) {
      expect(judge({ alive, ageMs: 30_000, silentMs: 10_000 })).toBe(true);
      expect(judge({ alive, ageMs: 0, silentMs: 30_000 })).toBe(true);
      expect(judge({ alive, ageMs: -30_000, silentMs: 10_000 })).toBe(true); // a clock was set back
    }
  });

  test("never loses it after sending, however silent, if it is known to live", () => {
    expect(judge({ frozen: true, ageMs: 1e9, silentMs: 1e9 })).toBe(false);
  });

  test("loses it after the longer time if it cannot be looked up, or was a thread of our own process", () => {
    for (const alive of ["own", undefined] as const) {
      expect(judge({ alive, frozen: true, ageMs: 59_999, silentMs: 59_999 })).toBe(false);
      expect(judge({ alive, frozen: true, ageMs: 60_000, silentMs: 9_999 })).toBe(false);
      expect(judge({ alive, frozen: true, ageMs: 60_000, silentMs: 10_000 })).toBe(true);
      expect(judge({ alive, frozen: true, ageMs: 0, silentMs: 60_000 })).toBe(true);
    }
  });
});
