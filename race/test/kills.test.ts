import { expect, test } from "vitest";
import { runKills } from "../kill-run.ts";
import { runStops } from "../kill-stops.ts";
import { describeTally, faultsOf, newTally, print, type Tally } from "../kill-tally.ts";

function expectNoFaults(tally: Tally): void {
  expect(tally.problems).toEqual([]);
  expect(faultsOf(tally)).toEqual({});
}

test("SEC-58 SEC-61 SEC-70 SEC-78 killed at any step, or any time: the login is there, complete, or over and said to be over once", {
  timeout: 120_000,
}, async () => {
  const tally = await runKills({ kills: 50 });
  await print(`A sample of kills; all of them: pnpm test:soak\n${describeTally(tally)}`);
  expectNoFaults(tally);
  expect(tally.kills).toBeGreaterThan(35);
  // Not all before, not all after, and some in the one window that nobody can close.
  expect(tally.steps.size).toBeGreaterThan(20);
  expect(tally.inWindow).toBeGreaterThan(0);
  expect(tally.inWindow).toBeLessThan(tally.kills);
});

test.skipIf(process.platform !== "linux")(
  "SEC-78 stopped for longer than its lock can last, it wakes up and spends or overwrites nothing",
  {
    timeout: 60_000,
  },
  async () => {
    const tally = newTally();
    await runStops(tally, 10);
    expectNoFaults(tally);
    expect(tally.stops).toBeGreaterThan(5);
  },
);
