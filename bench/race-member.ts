import { racer } from "@auth/testkit";
import type { Contender, SharedLogin } from "./contender.ts";
import { ours } from "./ours.ts";
import { peers } from "./peers/load.ts";

/** What every process of a race is told. */
export interface RaceInput {
  readonly name: string;
  /** One login for each round. */
  readonly logins: readonly Omit<SharedLogin, "fetch">[];
}

/** What one process found in one round; instants in ms, by a clock that all processes share. */
export interface Lap {
  readonly round: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Requests it sent. */
  readonly sent: number;
  /** The access token, or nothing. */
  readonly token?: string;
}

const { input, barrier, report } = racer();
const { name, logins } = input as RaceInput;
const contender = name === ours.name ? ours : ((await peers[name]?.())?.contender as Contender);
const { shared } = contender;
if (typeof shared === "string") throw new TypeError(shared);

const now = (): number => performance.timeOrigin + performance.now();
let sent = 0;
const counted: typeof fetch = (...request) => {
  sent++;
  return fetch(...request);
};

for (const [round, login] of logins.entries()) {
  const { token, text } = await shared.open({ ...login, fetch: counted });
  await barrier();
  sent = 0;
  const startedAt = now();
  const got = await token().then(
    (value) => ({ token: text(value as never) }),
    () => ({}),
  );
  report({ round, startedAt, endedAt: now(), sent, ...got } satisfies Lap);
}
