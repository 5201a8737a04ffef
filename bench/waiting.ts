import { byHand } from "./by-hand.ts";
import { ours } from "./ours.ts";
import { canShare, type Round, race } from "./race.ts";
import type { Lap } from "./race-member.ts";
import { type Spread, spread } from "./ratio.ts";
import { progress, type Row, ratioText, type Section } from "./report.ts";

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
    const outcomes = await race([ours, byHand].filter(canShare), { processes, rounds, latencyMs });
    const [mine, floor] = [...outcomes.values()].map(waitsOf);
    if (!mine || !floor) throw new Error("nobody waited");
    const ratio = spread(mine.tookMs.map((each, round) => each / (floor.tookMs[round] ?? Number.NaN)));
    const data = { processes, rounds, limitMs: limit };
    rows.push(
      {
        ...(limit !== undefined && { good: mine.longest.median <= limit }),
        cells: cellsOf(
          `${processes} processes`,
          mine,
          limit === undefined ? "" : `${limit} ms`,
          ratioText(ratio),
        ),
        data: { contender: ours.name, ...data, ratio, ...mine },
      },
      {
        cells: cellsOf(`${processes} processes, by hand`, floor),
        data: { contender: byHand.name, ...data, ...floor },
      },
    );
  }
  return {
    title: "Processes that wait while one of them renews the token file: what that adds to its own renewal",
    head: [
      "",
      "the renewal",
      "added, median",
      "95 of 100",
      "longest of a round",
      "limit",
      "all of it ÷ by hand",
    ],
    rows,
    notes: [
      "by hand: a lock file, a rename and a look every 25 ms, and no care for anything that can go wrong",
    ],
  };
}

interface Waits {
  readonly renewalMs: Spread;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly longest: Spread;
  /** Each round, from the first call to the last token. */
  readonly tookMs: readonly number[];
}

function waitsOf(outcomes: readonly Round[]): Waits {
  const added = outcomes.map(({ laps }) => addedIn(laps));
  const all = added.flat().toSorted((a, b) => a - b);
  return {
    renewalMs: spread(outcomes.map(({ laps }) => tookOf(winnerOf(laps)))),
    medianMs: spread(all).median,
    p95Ms: all[Math.floor(all.length * 0.95)] ?? Number.NaN,
    longest: spread(added.map((each) => Math.max(...each))),
    tookMs: outcomes.map(
      ({ laps }) =>
        Math.max(...laps.map(({ endedAt }) => endedAt)) - Math.min(...laps.map(({ startedAt }) => startedAt)),
    ),
  };
}

function cellsOf(what: string, waits: Waits, limit = "", ratio = ""): string[] {
  const { renewalMs, medianMs, p95Ms, longest } = waits;
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const span = `${ms(longest.median)} (${longest.min.toFixed(0)} – ${longest.max.toFixed(0)})`;
  return [what, ms(renewalMs.median), ms(medianMs), ms(p95Ms), span, limit, ratio];
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
    .map(({ startedAt, endedAt }) => Math.max(0, endedAt - Math.max(startedAt, winner.endedAt)));
}
