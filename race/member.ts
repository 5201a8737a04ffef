import { isAuthError } from "@auth/core";
import { racer } from "@auth/testkit";
import { openStore, type SharedLogin, sharedAuth } from "./login.ts";
import { shiftedClock } from "./shifted-clock.ts";

/** What every process of a race is told. */
export interface RaceInput extends SharedLogin {
  readonly rounds: number;
  /** The lifetime of a token: how far the clock leaps before each round. */
  readonly lifetimeMs: number;
}

/** What one process found in one round. */
export interface Finding {
  readonly round: number;
  readonly pid: number;
  readonly waitedMs: number;
  readonly tokenId?: string;
  readonly error?: string;
}

const { input, barrier, report } = racer();
const { rounds, lifetimeMs, ...login } = input as RaceInput;
const { pid } = process;
const clock = shiftedClock();
await using store = await openStore(login);
const auth = sharedAuth(login, store, clock);

for (let round = 0; round < rounds; round++) {
  await barrier();
  clock.leap(lifetimeMs);
  const start = performance.now();
  const waitedMs = (): number => performance.now() - start;
  try {
    const { id } = await auth.getToken();
    report({ round, pid, waitedMs: waitedMs(), tokenId: id } satisfies Finding);
  } catch (error) {
    const text = isAuthError(error) ? `${error.code}/${error.reason}` : String(error);
    report({ round, pid, waitedMs: waitedMs(), error: text } satisfies Finding);
  }
}
