import { racer } from "@auth/testkit";
import { byHand } from "./by-hand.ts";
import type { Contender, SharedLogin } from "./contender.ts";
import { ours } from "./ours.ts";
import { peers } from "./peers/load.ts";

/** What every process of a race is told: whose turn it is in each lap, and the login it is about. */
export interface RaceInput {
  readonly laps: readonly { readonly name: string; readonly login: Omit<SharedLogin, "fetch"> }[];
}

/** What one process found in one lap; instants in ms, by a clock that all processes share. */
export interface Lap {
  readonly lap: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Requests it sent. */
  readonly sent: number;
  /** The access token, or nothing. */
  readonly token?: string;
}

const { input, barrier, report } = racer();
const { laps } = input as RaceInput;
const contenders = new Map<string, Contender>();
for (const name of new Set(laps.map((each) => each.name))) {
  const known = [ours, byHand].find((each) => each.name === name) ?? (await peers[name]?.())?.contender;
  if (!known) throw new TypeError(`${name} is not known here`);
  contenders.set(name, known);
}

const now = (): number => performance.timeOrigin + performance.now();
let sent = 0;
const counted: typeof fetch = (...request) => {
  sent++;
  return fetch(...request);
};

for (const [lap, { name, login }] of laps.entries()) {
  const shared = contenders.get(name)?.shared;
  if (typeof shared !== "object") throw new TypeError(`${name}: ${shared}`);
  const { token, text } = await shared.open({ ...login, fetch: counted });
  await barrier();
  sent = 0;
  const startedAt = now();
  const got = await token().then(
    (value) => ({ token: text(value as never) }),
    () => ({}),
  );
  report({ lap, startedAt, endedAt: now(), sent, ...got } satisfies Lap);
}
