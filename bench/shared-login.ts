import type { Contender } from "./contender.ts";
import { ours } from "./ours.ts";
import { canShare, type Round, race, type Sharing } from "./race.ts";
import { spread } from "./ratio.ts";
import { progress, type Row, type Section } from "./report.ts";

const processes = 16;
const rounds = 3;
const latencyMs = 20;

/** One stored login with a rotating refresh token, its access token expired, and many processes. */
export async function sharedLogin(peers: readonly Contender[]): Promise<Section> {
  const all = [ours, ...peers];
  progress(`${processes} processes: one stored login`);
  const outcomes = await race(all.filter(canShare), { processes, rounds, latencyMs });
  const rows = all.map((contender) => {
    const of = canShare(contender) ? outcomes.get(contender) : undefined;
    return of && canShare(contender) ? rowOf(contender, of) : without(contender);
  });
  return {
    title: `One stored login that rotates, ${processes} processes at once: ${rounds} expiries`,
    head: ["", "token requests per expiry", "reuses", "logins lost", "processes without a token"],
    rows,
  };
}

function without({ name, shared }: Contender): Row {
  return { cells: [name, "no store", "", "", ""], data: { contender: name, shared } };
}

function rowOf(contender: Sharing, laps: readonly Round[]): Row {
  const requests = spread(laps.map((round) => round.requests));
  const sum = (of: (round: Round) => number): number => laps.reduce((total, round) => total + of(round), 0);
  const reuses = sum((round) => round.reuses);
  const lost = sum((round) => Number(round.lost));
  const empty = sum((round) => round.without);
  const { name, shared } = contender;
  return {
    ...(contender === ours && { good: requests.max === 1 && reuses + lost + empty === 0 }),
    cells: [
      name,
      `${requests.median}${requests.min === requests.max ? "" : ` (${requests.min} – ${requests.max})`}`,
      `${reuses}`,
      `${lost} of ${rounds}`,
      `${empty} of ${processes * rounds}`,
    ],
    data: { contender: name, store: shared.what, processes, rounds, requests, reuses, lost, without: empty },
  };
}
