import { expect, test } from "vitest";
import { runRace } from "../run-race.ts";

test.each([
  [2, 10],
  [16, 5],
])(
  "SEC-56 SEC-65 %i processes, %i expiries: one refresh for each, no reuse, nobody logged out",
  async (processes, rounds) => {
    const { waits, ...outcome } = await runRace(processes, rounds);
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
