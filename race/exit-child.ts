import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isAuthError } from "@auth/core";
import type { End, ExitOrder } from "./exit-run.ts";
import { openStore, sharedAuth } from "./login.ts";
import { shiftedClock } from "./shifted-clock.ts";

// A program as most are: asks for a token once or a few times, and ends. Nobody disposes of anything.
const { login, aheadMs, calls, gapMs, answerMs, end, late, afterMs } = JSON.parse(
  process.argv[2] ?? "",
) as ExitOrder;

/** What it says is read after its end, too. */
const say = (text: string): void => void writeSync(1, text);

/** The answer is on its way for a while: what the server has done is done. */
const near = globalThis.fetch;
globalThis.fetch = async (...args) => {
  const answer = await near(...args);
  await sleep(answerMs);
  return answer;
};

const ends: Readonly<Record<End, () => unknown>> = {
  return: () => {},
  "process.exit()": () => setTimeout(() => process.exit(), afterMs),
  exception: () =>
    setTimeout(() => {
      throw new Error("as it was to be");
    }, afterMs),
  // Sent from outside. Who is forgotten goes by himself.
  SIGTERM: () => setTimeout(() => process.exit(9), 30_000),
  SIGINT: () => setTimeout(() => process.exit(9), 30_000),
};

async function call(): Promise<void> {
  say("(");
  try {
    await auth.getToken();
    say(")");
  } catch (error) {
    say(`[${isAuthError(error) ? `${error.code}/${error.reason}` : String(error)}]`);
  }
}

const clock = shiftedClock();
clock.leap(aheadMs);
const store = await openStore(login);
const auth = sharedAuth(login, store, clock);
/** From now on it may end at any time. */
function begin(): void {
  say(".");
  ends[end]();
}

if (!late) begin();
for (let nth = 0; nth < calls; nth++) {
  if (nth > 0) await sleep(gapMs);
  await call();
}
if (late) begin();
