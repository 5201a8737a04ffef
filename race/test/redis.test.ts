import { expect, test } from "vitest";
import { redisThere } from "../../packages/stores/redis/test/support/redis-server.ts";
import { runRace } from "../run-race.ts";

test.skipIf(!redisThere).each([
  [2, 10],
  [16, 5],
])(
  "SEC-56 SEC-57 %i processes, %i expiries over Redis: one refresh for each, no reuse, nobody logged out",
  async (processes, rounds) => {
    const { waits, ...outcome } = await runRace(processes, rounds, "redis");
    expect(outcome).toEqual({
      processes,
      expiries: rounds,
      refreshes: rounds,
      reuses: 0,
      failures: [],
      divided: 0,
      wide: 0,
      leftovers: [],
    });
    expect(waits).toHaveLength(processes * rounds);
  },
  120_000,
);
