import { expect, test } from "vitest";
import { redisThere } from "../../packages/stores/redis/test/support/redis-server.ts";
import { describeTally, faultsOf, newTally } from "../kill-tally.ts";
import { runTroubles } from "../kill-troubles.ts";
import { print } from "../table.ts";
import { troubles } from "../troubles.ts";

const names = Object.keys(troubles) as (keyof typeof troubles)[];
const possible = names.filter((name) => redisThere || !name.startsWith("Redis"));

test.skipIf(process.platform !== "linux").for(possible)(
  "SEC-57 SEC-59 SEC-80 %s in the middle of a refresh, for longer than the lock lasts: one refresh, which is saved in the end",
  { timeout: 120_000 },
  async (name, { skip }) => {
    const tally = newTally();
    if (!(await runTroubles(tally, { name, times: 4 }))) {
      await print(`SKIPPED: ${name}, because no file system can be mounted here.`);
      return skip();
    }
    await print(`${name}; more of it: pnpm test:soak\n${describeTally(tally)}`);
    expect(tally.problems).toEqual([]);
    expect(faultsOf(tally)).toEqual({});
    expect(tally.troubles).toBeGreaterThanOrEqual(2);
    expect(tally.told + tally.late).toBeGreaterThan(0);
    expect(tally.refreshes).toBe(tally.expiries);
  },
);
