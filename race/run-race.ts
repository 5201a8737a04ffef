import { fixed, Secret } from "@auth/core";
import { raceProcesses, tokenServer } from "@auth/testkit";
import { bundleScript } from "./bundle-script.ts";
import { openStore, type StoreKind, sharedAuth } from "./login.ts";
import type { Finding, RaceInput } from "./member.ts";
import { openPlace } from "./place.ts";
import { shiftedClock } from "./shifted-clock.ts";
import { msOf, tableOf } from "./table.ts";

/** What a race came to, each number as it was found and not as it was asked for. */
export interface RaceOutcome {
  /** Different process ids. */
  readonly processes: number;
  /** Different tokens that they got. */
  readonly expiries: number;
  /** Everything that came in at the token endpoint; and what of it was answered with a new token. */
  readonly tokenRequests: number;
  readonly refreshes: number;
  /** A spent refresh token was sent again. */
  readonly reuses: number;
  /** Calls that got no token. */
  readonly failures: readonly string[];
  /** Rounds in which two processes had different tokens. */
  readonly divided: number;
  readonly torn: boolean;
  /** Files wider than 0600, and what was left behind. */
  readonly wide: readonly string[];
  readonly leftovers: readonly string[];
  /** How long each call took, in ms. */
  readonly waits: readonly number[];
}

const lifetimeMs = 3_600_000;

/** Real processes, one store, a server that rotates with no grace and revokes the family on reuse. */
export async function runRace(
  processes: number,
  rounds: number,
  kind: StoreKind = "token-file",
  onRound: (round: number) => void = () => {},
): Promise<RaceOutcome> {
  await using script = await bundleScript("./member.ts");
  await using place = await openPlace(kind);
  const clock = shiftedClock();
  await using server = await tokenServer({ expiresIn: lifetimeMs / 1000, clock });
  server.clients.set("race", "");
  const login = { issuer: server.issuer, clientId: "race", kind, path: place.path };
  const seed = new Secret(server.seedRefreshToken({ clientId: "race" }));
  await using store = await openStore(login);
  const credentials = fixed({ type: "refresh-token", refreshToken: seed } as const);
  await sharedAuth(login, store, clock, { credentials }).login();
  const before = { ...server.counts };

  const input: RaceInput = { ...login, rounds, lifetimeMs };
  const results = await raceProcesses({
    script: script.path,
    count: processes,
    input,
    env: script.env,
    execArgv: [],
    timeoutMs: 60_000 + processes * (2_000 + rounds * 100), // most of it for starting
    onBarrier(round) {
      onRound(round);
      clock.leap(lifetimeMs);
    },
  });
  const findings = results.flatMap(({ reports }) => reports as Finding[]);
  const tokensOf = (round: number): number =>
    new Set(findings.flatMap(({ tokenId, ...found }) => (found.round === round && tokenId) || [])).size;
  const ended = results
    .filter(({ code }) => code !== 0)
    .map(({ index, stderr }) => `process ${index} ended: ${stderr.slice(0, 300)}`);
  const missing = processes * rounds - findings.length;
  const { torn, wide, others: leftovers, record } = await place.look();
  return {
    processes: new Set(findings.map(({ pid }) => pid)).size,
    expiries: new Set(findings.flatMap(({ tokenId }) => tokenId ?? [])).size,
    tokenRequests: server.counts.tokenRequests - before.tokenRequests,
    refreshes: server.counts.refreshes - before.refreshes,
    reuses: server.counts.reuses,
    failures: [
      ...findings.flatMap(({ error }) => error ?? []),
      ...ended,
      ...(missing > 0 ? [`${missing} reports missing`] : []),
    ],
    divided: Array.from({ length: rounds }, (_, round) => tokensOf(round)).filter((tokens) => tokens !== 1)
      .length,
    torn: torn || !record,
    wide,
    leftovers,
    waits: findings.map(({ waitedMs }) => waitedMs),
  };
}

/** What it has to come to. */
export function faultlessRace(processes: number, expiries: number): Omit<RaceOutcome, "waits"> {
  return {
    processes,
    expiries,
    tokenRequests: expiries,
    refreshes: expiries,
    reuses: 0,
    failures: [],
    divided: 0,
    torn: false,
    wide: [],
    leftovers: [],
  };
}

export function describeRace(outcome: RaceOutcome): string {
  return tableOf([
    ["processes", outcome.processes],
    ["expiries", outcome.expiries],
    ["token requests", outcome.tokenRequests],
    ["refreshes", outcome.refreshes],
    ["reuse events", outcome.reuses],
    ["lost logins", outcome.failures.length],
    ["rounds with two tokens", outcome.divided],
    ["torn files", Number(outcome.torn)],
    ["files wider than 0600", outcome.wide.length],
    ["left over", outcome.leftovers.length],
    ["a call, median", msOf(outcome.waits, 0.5)],
    ["  the longest", msOf(outcome.waits, 1)],
  ]);
}
