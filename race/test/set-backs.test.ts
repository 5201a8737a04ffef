import { expect, test } from "vitest";
import { redisThere } from "../../packages/stores/redis/test/support/redis-server.ts";
import { describeTally, faultsOf, newTally } from "../kill-tally.ts";
import type { StoreKind } from "../login.ts";
import { runSetBacks } from "../set-back-run.ts";
import { print } from "../table.ts";

async function setBack(kind: StoreKind): Promise<void> {
  const tally = newTally();
  await runSetBacks(tally, { times: 10, kind });
  await print(`Set back or emptied, ${kind}; more of it: pnpm test:soak\n${describeTally(tally)}`);
  expect(tally.problems).toEqual([]);
  expect(faultsOf(tally)).toEqual({});
  expect(tally.setBacks).toBe(10);
}

test(
  "SEC-53 a backup of a token file is restored, or the file deleted: who knows better writes it back, and no login is lost",
  { timeout: 120_000 },
  () => setBack("token-file"),
);

test.skipIf(!redisThere)(
  "SEC-53 SEC-57 a Redis fails over to a replica that has not heard of the last write, or is emptied: the same",
  { timeout: 120_000 },
  () => setBack("redis"),
);
