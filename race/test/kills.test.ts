import { expect, test } from "vitest";
import { redisThere } from "../../packages/stores/redis/test/support/redis-server.ts";
import { runKills } from "../kill-run.ts";
import { runStops } from "../kill-stops.ts";
import { describeTally, faultsOf, newTally, type Tally } from "../kill-tally.ts";
import type { StoreKind } from "../login.ts";
import { print } from "../table.ts";

async function show(title: string, tally: Tally): Promise<void> {
  await print(`${title}; more of them: pnpm test:soak\n${describeTally(tally)}`);
  expect(tally.problems).toEqual([]);
  expect(faultsOf(tally)).toEqual({});
}

async function kill(kind: StoreKind, kills: number): Promise<void> {
  const tally = await runKills({ kills, kind });
  await show(`A sample of kills, ${kind}`, tally);
  expect(tally.kills).toBeGreaterThanOrEqual(kills);
  expect(tally.processes).toBeGreaterThan(tally.kills);
  expect(tally.refreshes).toBe(tally.expiries);
  // Not all before, not all after, and some in the one window that nobody can close.
  expect(tally.steps.size).toBeGreaterThan(kills / 3);
  expect(tally.stale).toBeGreaterThan(0);
  expect(tally.inWindow).toBeGreaterThan(0);
  expect(tally.inWindow).toBeLessThan(tally.kills);
  expect(tally.reusesInWindow).toBe(tally.inWindow);
}

test(
  "SEC-58 SEC-61 SEC-70 SEC-78 killed at any step, or any time: the login is there, complete, or over and said to be over once",
  {
    timeout: 120_000,
  },
  () => kill("token-file", 50),
);

test.skipIf(!redisThere)(
  "SEC-57 SEC-58 SEC-61 SEC-78 killed at any step, or any time, over Redis: the same",
  { timeout: 120_000 },
  () => kill("redis", 30),
);

const linux = process.platform === "linux";

async function stop(kind: StoreKind, beyondSent = false): Promise<Tally> {
  const tally = newTally();
  await runStops(tally, { stops: 16, kind, beyondSent });
  await show(`Stopped and woken up, ${kind}`, tally);
  expect(tally.stops).toBeGreaterThan(8);
  expect(tally.stale).toBeGreaterThan(0);
  return tally;
}

test.skipIf(!linux)(
  "SEC-78 stopped for longer than its lock can last, it wakes up and spends or overwrites nothing",
  { timeout: 60_000 },
  async () => {
    expect((await stop("token-file")).inWindow).toBe(0);
  },
);

test.skipIf(!linux || !redisThere)(
  "SEC-57 SEC-78 the same over Redis; and a holder that has sent is waited for",
  { timeout: 60_000 },
  async () => {
    expect((await stop("redis")).inWindow).toBe(0);
  },
);

test.skipIf(!linux || !redisThere)(
  "SEC-57 SEC-78 over Redis, silent for so long after it has sent that it counts as dead: the login is over, and said to be over once",
  { timeout: 60_000 },
  async () => {
    expect((await stop("redis", true)).inWindow).toBeGreaterThan(0);
  },
);
