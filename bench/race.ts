import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { raceProcesses } from "@auth/testkit";
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

const clientId = "racer";

/** Real processes and files. A round before the first one loads what is loaded on demand; it does not count. */
export async function race(
  { name, shared }: Contender & { readonly shared: SharedLogins },
  { processes, rounds, latencyMs }: RaceOptions,
): Promise<Round[]> {
  await using place = await loopback(latencyMs);
  const { server, desk } = place;
  const { issuer, tokenEndpoint } = desk;
  server.clients.set(clientId, "");
  const directory = await mkdtemp(join(tmpdir(), "bench-race-"));
  try {
    const logins: RaceInput["logins"][number][] = [];
    for (let round = 0; round <= rounds; round++) {
      const login = { issuer, tokenEndpoint, clientId, path: join(directory, `login-${round}.json`) };
      const refreshToken = server.seedRefreshToken({ clientId, scope: scopes.join(" ") });
      await shared.seed({ ...login, fetch }, refreshToken);
      logins.push(login);
    }
    const before: { readonly requests: number; readonly reuses: number }[] = [];
    const count = (): void => {
      before.push({ requests: server.counts.tokenRequests, reuses: server.counts.reuses });
    };
    const input: RaceInput = { name, logins };
    const results = await raceProcesses({
      script: new URL("race-member.ts", import.meta.url),
      count: processes,
      input,
      onBarrier: count,
    });
    count();
    const broken = results.find(({ code }) => code !== 0);
    if (broken) throw new Error(`${name}: process ${broken.index} ended: ${broken.stderr.slice(0, 500)}`);
    const all = results.flatMap(({ reports }) => reports as Lap[]);
    return await Promise.all(
      logins.slice(1).map(async (_, index): Promise<Round> => {
        const round = index + 1;
        const laps = all.filter((lap) => lap.round === round);
        const [from, to] = [before[round], before[round + 1]];
        const tokens = new Set(laps.flatMap(({ token }) => token ?? []));
        const good = await Promise.all([...tokens].map((token) => isGood(server.resource, token)));
        return {
          requests: (to?.requests ?? Number.NaN) - (from?.requests ?? 0),
          reuses: (to?.reuses ?? Number.NaN) - (from?.reuses ?? 0),
          lost: !good.includes(true),
          without: laps.filter(({ token }) => token === undefined).length,
          laps,
        };
      }),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function isGood(resource: string, token: string): Promise<boolean> {
  const { status } = await fetch(resource, { headers: { authorization: `Bearer ${token}` } });
  return status === 200;
}
