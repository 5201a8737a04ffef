// Counts up one number in a shared token file, as often as it is told.
import { setTimeout as sleep } from "node:timers/promises";
import { racer } from "@auth/testkit";
import { tokenFile } from "../../src/index.ts";

const { index, input, barrier, report } = racer();
const { path, times, locked } = input as { path: string; times: number; locked: boolean };
const store = tokenFile({ path });
const own = `login ${index}`;
let conflicts = 0;

async function increment(): Promise<boolean> {
  const found = await store.read("shared");
  const next = String(Number(found?.value ?? 0) + 1);
  return (await store.write("shared", next, found?.generation)) !== undefined;
}

await barrier();
for (let time = 1; time <= times; time++) {
  if (locked) {
    await store.withLock("shared", async (lease) => {
      await lease.sent?.();
      if (!(await increment())) conflicts++;
    });
  } else {
    while (!(await increment())) {
      conflicts++;
      await sleep(Math.random() * 10);
    }
  }
  // Another key of the same file, which nobody else touches.
  const mine = await store.read(own);
  if ((await store.write(own, String(time), mine?.generation)) === undefined) report("lost its own");
}
report({ conflicts });
