// Takes a lock whose holder has died, together with many others, and says so if it is not alone.
import { open, unlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { racer } from "@auth/testkit";
import { fileLock } from "../../src/index.ts";

const { input, barrier, report } = racer();
const { directory, marker, rounds } = input as { directory: string; marker: string; rounds: number };
const lock = fileLock({ directory });

for (let round = 0; round < rounds; round++) {
  await barrier();
  await lock.withLock("contended", async (lease) => {
    await lease.sent?.();
    try {
      await (await open(marker, "wx")).close();
      await sleep(2);
      await unlink(marker);
      report("alone");
    } catch {
      report("not alone");
    }
  });
}
