import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { raceProcesses } from "@auth/testkit";
import { bundleScript } from "../race/bundle-script.ts";
import { type Contender, type SharedLogins, scopes } from "./contender.ts";
import { loopback } from "./loopback.ts";
import type { Lap, RaceInput } from "./race-member.ts";

/** What became of one expiry of one login that all processes share. */
export interface Round {
  readonly requests: number;
  /** A spent refresh token was sent again: the server ends the login. */
  readonly reuses: number;
  /** No token of this round is good any more. */
  readonly lost: boolean;
  /** Processes that got no token. */
  readonly without: number;
  readonly laps: readonly Lap[];
}

export interface RaceOptions {
  readonly processes: number;
  readonly rounds: number;
  readonly latencyMs: number;
}

export type Sharing = Contender & { readonly shared: SharedLogins };

export function canShare(contender: Contender): contender is Sharing {
  return typeof contender.shared === "object";
}

const clientId = "racer";

/**
 * Real processes and files; the contenders have their laps in turn, each lap with a login of its own. The first round loads
 * what is loaded on demand, and does not count.
 */
export async function race<T extends Sharing>(
  contenders: readonly T[],
  { processes, rounds, latencyMs }: RaceOptions,
): Promise<Map<T, Round[]>> {
  await using script = await bundleScript("./../bench/race-member.ts");
  await using place = await loopback(latencyMs);
  const { server, desk } = place;
  const { issuer, tokenEndpoint } = desk;
  server.clients.set(clientId, "");
  const directory = await mkdtemp(join(tmpdir(), "bench-race-"));
  try {
    const laps: RaceInput["laps"][number][] = [];
    for (let round = 0; round <= rounds; round++)
      for (const { name, shared } of contenders) {
        const path = join(directory, `login-${laps.length}.json`);
        const login = { issuer, tokenEndpoint, clientId, path };
        const refreshToken = server.seedRefreshToken({ clientId, scope: scopes.join(" ") });
        await shared.seed({ ...login, fetch }, refreshToken);
        laps.push({ name, login });
      }
    const counts: { readonly requests: number; readonly reuses: number }[] = [];
    const count = (): void => {
      counts.push({ requests: server.counts.tokenRequests, reuses: server.counts.reuses });
    };
    const results = await raceProcesses({
      script: script.path,
      count: processes,
      env: script.env,
      execArgv: [],
      input: { laps } satisfies RaceInput,
      timeoutMs: 120_000,
      onBarrier: count,
    });
    count();
    const broken = results.find(({ code }) => code !== 0);
    if (broken) throw new Error(`process ${broken.index} ended: ${broken.stderr.slice(0, 500)}`);
    const all = results.flatMap(({ reports }) => reports as Lap[]);
    const outcomes = new Map<T, Round[]>(contenders.map((each) => [each, []]));
    for (let lap = contenders.length; lap < laps.length; lap++) {
      const mine = all.filter((each) => each.lap === lap);
      const [from, to] = [counts[lap], counts[lap + 1]];
      if (!from || !to) throw new Error(`lap ${lap} did not begin`);
      outcomes.get(contenders[lap % contenders.length] as T)?.push({
        requests: to.requests - from.requests,
        reuses: to.reuses - from.reuses,
        lost: !(await anyGood(server.resource, mine)),
        without: mine.filter(({ token }) => token === undefined).length,
        laps: mine,
      });
    }
    return outcomes;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function anyGood(resource: string, laps: readonly Lap[]): Promise<boolean> {
  for (const token of new Set(laps.flatMap(({ token }) => token ?? []))) {
    const { status } = await fetch(resource, { headers: { authorization: `Bearer ${token}` } });
    if (status === 200) return true;
  }
  return false;
}
