import { expect, test } from "vitest";
import { limitSection, type Suffered } from "../bars.ts";
import { fortyLines } from "../forty-lines.ts";
import { faults, refuse, suffer } from "../nothing-in-hand.ts";
import { ours } from "../ours.ts";
import { loadPeers } from "../peers/load.ts";
import { virtualTime } from "../virtual-time.ts";

const { contenders: peers } = await loadPeers();

const always = (value: number) => ({ min: value, p10: value, median: value, max: value });
const atTheLimits: Suffered = {
  unavailable: { ...always(6), max: 8 },
  unavailableRecovery: { ...always(4_000), max: 8_000 },
  refused: always(3),
  refusedRecovery: always(4_000),
  limited: always(1),
  api: always(3),
};

test("every bar is kept at its limit", () => {
  const { rows } = limitSection(atTheLimits);
  expect(rows.map(({ good }) => good)).toEqual(Array.from({ length: 7 }, () => true));
});

test.each<[string, Partial<Suffered>, number]>([
  ["503 in the median", { unavailable: { ...always(7), max: 8 } }, 0],
  ["503 ever", { unavailable: { ...always(6), max: 9 } }, 1],
  ["recovery after 503", { unavailableRecovery: always(4_001) }, 2],
  ["400 ever", { refused: { ...always(3), max: 4 } }, 3],
  ["recovery after 400", { refusedRecovery: always(Number.POSITIVE_INFINITY) }, 4],
  ["429", { limited: { ...always(1), max: 2 } }, 5],
  ["an API that always says 401", { api: always(4) }, 6],
  ["an API that is not asked", { api: undefined }, 6],
])("a bar that is broken fails, and no other: %s", (_, broken, row) => {
  const { rows } = limitSection({ ...atTheLimits, ...broken });
  expect(rows.flatMap(({ good }, nth) => (good === false ? [nth] : []))).toEqual([row]);
});

test("the count is right: what can be counted by hand", async () => {
  // At 0 s, and 2 s after each answer, which takes 20 ms; the sixth of them finds the server well.
  expect(await suffer(fortyLines, 1, faults[503])).toEqual({ requests: 5, recoveryMs: 120 });
  expect(await suffer(fortyLines, 1, faults[400])).toEqual({ requests: 5, recoveryMs: 120 });
  expect(await suffer(fortyLines, 1, faults[429])).toMatchObject({ requests: 5 });
  // The first token, and another one for each call.
  expect(await refuse(fortyLines, 1)).toBe(101);
});

test("SEC-54 ours, with one chance of many: it asks again, but seldom", async () => {
  const { requests, recoveryMs } = await suffer(ours, 1, faults[503]);
  expect(requests).toBeGreaterThan(3);
  expect(requests).toBeLessThanOrEqual(8);
  expect(recoveryMs).toBeLessThanOrEqual(8_040);
  expect(await suffer(ours, 1, faults[429])).toMatchObject({ requests: 1 });
  expect(await refuse(ours, 1)).toBe(2);
});

test.each(peers)("$name stands it, and its requests are counted", async (contender) => {
  const { requests } = await suffer(contender, 1, faults[503]);
  expect(requests).toBeGreaterThan(3);
});

test("virtual time ends when it is disposed", async () => {
  const before = Date.now();
  {
    using time = virtualTime(1);
    await time.advance(3_600_000);
    expect(Date.now()).toBe(Date.UTC(2026, 0, 1, 1));
    expect(time.clock.now()).toBe(Date.now());
  }
  expect(Date.now()).toBeGreaterThanOrEqual(before);
});
