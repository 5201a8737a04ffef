// Reads the entry, prints what became of it, and comes to its end, by itself or by `exit`; with `here`, within this process; with
// `gone`, from a folder that is no more. With this clock the process that asks is never idle for long enough to end by itself.
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, isAuthError, systemClock } from "@auth/core";
import { fromKeychain } from "../../src/index.ts";

const [timeoutMs, then] = process.argv.slice(2);
const clock: Clock = {
  ...systemClock,
  sleep: (ms, wait) => (wait?.background ? new Promise(() => {}) : systemClock.sleep(ms, wait)),
};
if (then === "gone") {
  const folder = mkdtempSync(join(tmpdir(), "auth-gone-"));
  process.chdir(folder);
  rmdirSync(folder);
}
try {
  const options = { service: "acme", account: "alice", timeoutMs: Number(timeoutMs), clock };
  const here = { backend: "napi", client: await import("@napi-rs/keyring") } as const;
  const { type } = await fromKeychain({ ...options, ...(then === "here" && here) }).get();
  console.log(type);
} catch (error) {
  console.log(isAuthError(error) ? `${error.code}/${error.reason}` : "something else");
}
if (then === "exit") process.exit();
