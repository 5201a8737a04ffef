// Holds a lock and does as it is told by its input, line by line.
import { createInterface } from "node:readline";
import { isAuthError } from "@auth/core";
import { fileLock } from "../../src/index.ts";

const [directory = ""] = process.argv.slice(2);
const lock = fileLock({ directory, heartbeatMs: 50, staleMs: 300, sentStaleMs: 600 });

await lock.withLock("held", async (lease) => {
  console.log("held");
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "release") break;
    if (line === "exit") process.exit(0);
    try {
      await lease.sent?.();
      console.log("sent");
    } catch (error) {
      console.log(isAuthError(error) ? error.reason : "another error");
    }
  }
});
console.log("released");
process.stdin.unref();
