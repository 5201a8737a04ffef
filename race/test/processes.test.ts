import { expect, test } from "vitest";
import { redisThere } from "../../packages/stores/redis/test/support/redis-server.ts";
import type { StoreKind } from "../login.ts";
import { describeRace, faultlessRace, runRace } from "../run-race.ts";
import { print } from "../table.ts";

async function race(processes: number, rounds: number, kind: StoreKind): Promise<void> {
  const outcome = await runRace(processes, rounds, kind);
  await print(`${processes} processes, ${kind}:\n${describeRace(outcome)}`);
  const { waits, ...rest } = outcome;
  expect(rest).toEqual(faultlessRace(processes, rounds));
  expect(waits).toHaveLength(processes * rounds);
}

test.each([
  [2, 10],
  [16, 10],
])(
  "SEC-56 SEC-65 %i processes, %i expiries: one request for each, no reuse, nobody logged out",
  { timeout: 120_000 },
  (processes, rounds) => race(processes, rounds, "token-file"),
);

test.skipIf(!redisThere).each([
  [2, 10],
  [16, 10],
])(
  "SEC-56 SEC-57 %i processes, %i expiries over Redis: one request for each, no reuse, nobody logged out",
  { timeout: 120_000 },
  (processes, rounds) => race(processes, rounds, "redis"),
);
