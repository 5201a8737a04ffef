// Reads the entry, prints what became of it, and comes to its end, by itself or by `exit`.
import { isAuthError } from "@auth/core";
import { fromKeychain } from "../../src/index.ts";

const [timeoutMs, then] = process.argv.slice(2);
try {
  const { type } = await fromKeychain({
    service: "acme",
    account: "alice",
    timeoutMs: Number(timeoutMs),
  }).get();
  console.log(type);
} catch (error) {
  console.log(isAuthError(error) ? `${error.code}/${error.reason}` : "something else");
}
if (then === "exit") process.exit();
