import type { Contender, SharedLogins } from "./contender.ts";
import { ours } from "./ours.ts";
import { type Round, race } from "./race.ts";
import type { Lap } from "./race-member.ts";
import { spread } from "./ratio.ts";
import { progress, type Row, type Section } from "./report.ts";

const latencyMs = 20;

/** One look at the lock, and what the machine takes. */
const limitMs = 25 + 50;

/** What waiting for another process adds: from its token on, or from the call on if that came later. */
export async function waiting(): Promise<Section> {
  const rows: Row[] = [];
  for (const [processes, rounds, limit] of [
    [16, 12, limitMs],
    [64, 5, undefined],
  ] as const) {
    progress(`${processes} processes wait`);
    const shared = ours as Contender & { readonly shared: SharedLogins };
    rows.push(rowOf(processes, limit, await race(shared, { processes, rounds, latencyMs })));
  }
  return {
    title: "Processes that wait while one of them renews the token file",
    head: ["", "the renewal itself", "added for a waiting one", "95 of 100", "longest in a round", "limit"],
    rows,
  };
}

function rowOf(processes: number, limit: number | undefined, rounds: readonly Round[]): Row {
  const own = spread(rounds.map(({ laps }) => tookOf(winnerOf(laps))));
  const added = rounds.map(({ laps }) => addedIn(laps));
  const all = added.flat().toSorted((a, b) => a - b);
  const longest = spread(added.map((each) => Math.max(...each)));
  const p95 = all[Math.floor(all.length * 0.95)] ?? Number.NaN;
  const median = spread(all).median;
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return {
    ...(limit !== undefined && { good: longest.median <= limit }),
    cells: [
      `${processes} processes, ${rounds.length} expiries`,
      ms(own.median),
      ms(median),
      ms(p95),
      `${ms(longest.median)} (${longest.min.toFixed(0)} – ${longest.max.toFixed(0)})`,
      limit === undefined ? "" : ms(limit),
    ],
    data: { processes, rounds: rounds.length, limitMs: limit, ownMs: own, addedMs: { median, p95, longest } },
  };
}

function winnerOf(laps: readonly Lap[]): Lap {
  const winner = laps.find(({ sent }) => sent > 0);
  if (!winner) throw new Error("nobody sent a request");
  return winner;
}

const tookOf = ({ startedAt, endedAt }: Lap): number => endedAt - startedAt;

function addedIn(laps: readonly Lap[]): number[] {
  const winner = winnerOf(laps);
  return laps
    .filter((lap) => lap !== winner)
    .map(({ startedAt, endedAt }) => endedAt - Math.max(startedAt, winner.endedAt));
}
