import { fixed, Secret } from "@auth/core";
import { raceProcesses, tokenServer } from "@auth/testkit";
import { openStore, type StoreKind, sharedAuth } from "./login.ts";
import type { Finding, RaceInput } from "./member.ts";
import { openPlace } from "./place.ts";
import { shiftedClock } from "./shifted-clock.ts";

/** What a race came to. All but the first three are to be zero, or one for each round. */
export interface RaceOutcome {
  readonly processes: number;
  readonly expiries: number;
  readonly refreshes: number;
  /** A spent refresh token was sent again. */
  readonly reuses: number;
  /** Calls that got no token. */
  readonly failures: readonly string[];
  /** Rounds in which two processes had different tokens. */
  readonly divided: number;
  /** Files wider than 0600, and files left behind. */
  readonly wide: number;
  readonly leftovers: readonly string[];
  readonly waits: readonly number[];
}

const lifetimeMs = 3_600_000;

/** Real processes, one store, a server that rotates with no grace and revokes the family on reuse. */
export async function runRace(
  processes: number,
  rounds: number,
  kind: StoreKind = "token-file",
): Promise<RaceOutcome> {
  await using place = await openPlace(kind);
  const clock = shiftedClock();
  const server = await tokenServer({ expiresIn: lifetimeMs / 1000, clock });
  try {
    server.clients.set("race", "");
    const login = { issuer: server.issuer, clientId: "race", kind, path: place.path };
    const seed = new Secret(server.seedRefreshToken({ clientId: "race" }));
    await using store = await openStore(login);
    await sharedAuth(login, store, clock, {
      credentials: fixed({ type: "refresh-token", refreshToken: seed }),
    }).login();
    const before = server.counts.refreshes;

    const input: RaceInput = { ...login, rounds, lifetimeMs };
    const results = await raceProcesses({
      script: new URL("member.ts", import.meta.url),
      count: processes,
      input,
      timeoutMs: 60_000 + processes * (2_000 + rounds * 100), // most of it for starting
      onBarrier: () => clock.leap(lifetimeMs),
    });
    const findings = results.flatMap(({ reports }) => reports as Finding[]);
    const tokens = Array.from(
      { length: rounds },
      (_, round) => new Set(findings.filter((found) => found.round === round).map(({ tokenId }) => tokenId)),
    );
    const ended = results
      .filter(({ code }) => code !== 0)
      .map(({ index, stderr }) => `process ${index} ended: ${stderr.slice(0, 300)}`);
    const missing = processes * rounds - findings.length;
    return {
      processes,
      expiries: rounds,
      refreshes: server.counts.refreshes - before,
      reuses: server.counts.reuses,
      failures: [
        ...findings.flatMap(({ error }) => error ?? []),
        ...ended,
        ...(missing > 0 ? [`${missing} reports missing`] : []),
      ],
      divided: tokens.filter(({ size }) => size !== 1).length,
      ...(await place.inspect()),
      waits: findings.map(({ waitedMs }) => waitedMs).toSorted((a, b) => a - b),
    };
  } finally {
    await server.close();
  }
}
