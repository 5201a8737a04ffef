import { expect, test } from "vitest";
import { redisThere } from "../../packages/stores/redis/test/support/redis-server.ts";
import { runSlow } from "../kill-slow.ts";
import { describeTally, faultsOf, newTally } from "../kill-tally.ts";
import type { StoreKind } from "../login.ts";
import { print } from "../table.ts";

const kinds: readonly StoreKind[] = redisThere ? ["token-file", "redis"] : ["token-file"];

test.each(kinds)(
  "SEC-78 SEC-79 an answer that takes longer than the lock lasts, %s: its living holder keeps it, and the others wait",
  { timeout: 60_000 },
  async (kind) => {
    const tally = newTally();
    await runSlow(tally, { times: 1, kind });
    await print(`A slow server, ${kind}; more of it: pnpm test:soak\n${describeTally(tally)}`);
    expect(tally.problems).toEqual([]);
    expect(faultsOf(tally)).toEqual({});
    expect(tally).toMatchObject({ processes: 4, expiries: 1, refreshes: 1, troubles: 1 });
  },
);
