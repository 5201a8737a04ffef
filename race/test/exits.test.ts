import { expect, test } from "vitest";
import { ends, runExits } from "../exit-run.ts";
import { describeTally, faultsOf } from "../kill-tally.ts";
import { print } from "../table.ts";

test("SEC-64 programs that end by return, process.exit(), an exception, SIGTERM and SIGINT lose no login for which nobody was waiting", {
  timeout: 180_000,
}, async () => {
  const runs = 12 * ends.length;
  const tally = await runExits({ runs });
  await print(`Programs that end; more of them: pnpm test:soak\n${describeTally(tally)}`);
  expect(tally.problems).toEqual([]);
  expect(faultsOf(tally)).toEqual({});
  expect(tally.exits).toBe(runs);
  // Not all while a caller was waiting, and not all after it had its token.
  expect(tally.waiting).toBeLessThan(runs * 0.9); // a busy machine keeps callers waiting
  expect(tally.refreshes).toBeGreaterThanOrEqual(runs - tally.inWindow);
});
