// Takes the lock, says so, and does what it is told: "sent" notes it, "end" lets go.
import { createInterface } from "node:readline";
import { isAuthError } from "@auth/core";
import { redisStore } from "../../src/index.ts";
import { connect } from "../support/connect.ts";

const [, , socket = ""] = process.argv;
const client = await connect({ socket });
await redisStore({ client }).withLock?.("key", async (lease) => {
  console.log("held");
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "end") break;
    try {
      await lease.sent?.();
      console.log("sent");
    } catch (error) {
      console.log(`${isAuthError(error) && error.reason}, ${lease.signal.aborted}`);
    }
  }
});
client.destroy();
process.stdin.destroy();
console.log("ended");
