import { once } from "node:events";

/** What was counted. Everything from `lost` on is to be zero. */
export interface Tally {
  processes: number;
  expiries: number;
  kills: number;
  stops: number;
  /** Processes that were to be struck and were done before. */
  spared: number;
  refreshes: number;
  /** Calls that lost their lock before anything was sent, and came again. */
  again: number;
  /** Kills between the server's rotation and the completed rename. Each ends in one clear INTERACTION_REQUIRED. */
  inWindow: number;
  /** Reuses that those ended in: at most one for each. */
  reusesInWindow: number;
  /** Logins that were gone outside of that window. */
  lost: number;
  /** Reuses outside of it. */
  reuses: number;
  /** Inside of it: anything but one clear error, and no request after it. */
  unclear: number;
  /** More requests than one for an expiry. */
  loops: number;
  deleted: number;
  torn: number;
  wide: number;
  /** Temporary files and locks that were still there when the next process had its token. */
  left: number;
  /** What exactly was not as it should be. */
  readonly problems: string[];
  /** How wide that window is, in ms, in each refresh that was not disturbed. */
  readonly windowsMs: number[];
  /** The part of each in which the disk was at work. */
  readonly disksMs: number[];
  /** The steps of a transaction that a kill fell on. */
  readonly steps: Set<string>;
}

export function newTally(): Tally {
  const counts = [
    "processes",
    "expiries",
    "kills",
    "stops",
    "spared",
    "refreshes",
    "again",
    "inWindow",
    "reusesInWindow",
    "lost",
    "reuses",
    "unclear",
    "loops",
    "deleted",
    "torn",
    "wide",
    "left",
  ];
  const zero = Object.fromEntries(counts.map((name) => [name, 0])) as Record<keyof Tally, number>;
  return { ...zero, problems: [], windowsMs: [], disksMs: [], steps: new Set() };
}

/** What must be zero and is not. */
export function faultsOf(tally: Tally): Partial<Tally> {
  const { lost, reuses, unclear, loops, deleted, torn, wide, left } = tally;
  const faults = { lost, reuses, unclear, loops, deleted, torn, wide, left };
  return Object.fromEntries(Object.entries(faults).filter(([, count]) => count > 0));
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The small table that a run ends with. */
export function tableOf(rows: readonly (readonly [what: string, count: number | string])[]): string {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, count]) => `  ${what.padEnd(width)}  ${`${count}`.padStart(8)}`).join("\n");
}

export function describeTally(tally: Tally): string {
  const ms = (widths: readonly number[], share: number): string =>
    `${quantile(
      widths.toSorted((a, b) => a - b),
      share,
    ).toFixed(1)} ms`;
  const kills = [
    ["kills (SIGKILL)", tally.kills],
    ["  at different steps", tally.steps.size],
    ["kills in the window", tally.inWindow],
    ["  ended in a reuse", tally.reusesInWindow],
    ["window, median", ms(tally.windowsMs, 0.5)],
    ["  99 of 100", ms(tally.windowsMs, 0.99)],
    ["  of it the disk's, median", ms(tally.disksMs, 0.5)],
  ] as const;
  return tableOf([
    ["processes", tally.processes],
    ["expiries", tally.expiries],
    ["refreshes", tally.refreshes],
    ["  a lock lost before, and again", tally.again],
    ["transactions nobody disturbed", tally.spared],
    ...(tally.stops > 0 ? ([["stops (SIGSTOP)", tally.stops]] as const) : []),
    ...(tally.kills > 0 ? kills : []),
    ["lost logins outside of it", tally.lost],
    ["reuses outside of it", tally.reuses],
    ["not one clear error in it", tally.unclear],
    ["requests too many", tally.loops],
    ["deleted records", tally.deleted],
    ["torn files", tally.torn],
    ["files wider than 0600", tally.wide],
    ["files left over", tally.left],
  ]);
}

/** Writes all of it before it resolves, also into a pipe. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
}
