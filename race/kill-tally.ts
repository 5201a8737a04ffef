import { msOf, type Row, tableOf } from "./table.ts";

/** What must not be, in the order of the table. */
const faults = {
  lost: "lost logins outside of the window",
  reuses: "reuse events outside of it",
  unclear: "not one clear error in it",
  loops: "requests too many",
  again: "living holders taken for dead",
  deleted: "deleted records",
  torn: "torn files",
  wide: "files wider than 0600",
  left: "left over",
} as const;

export type Fault = keyof typeof faults;

/** What was counted. */
export interface Tally extends Record<Fault, number> {
  processes: number;
  expiries: number;
  refreshes: number;
  /** Processes that the system reports as ended by SIGKILL. */
  kills: number;
  /** Processes that the system reported as stopped. */
  stops: number;
  /** Times that something else went wrong in the middle of a transaction. */
  troubles: number;
  /** Programs that came to their end, each in its own way; in how many a caller was waiting; and how many renewed early. */
  exits: number;
  waiting: number;
  early: number;
  /** Stores that went back to an earlier state, or were emptied. */
  setBacks: number;
  /** Calls that were told of it, instead of getting a token. */
  told: number;
  /** Answers that were kept in memory after their call had failed, and saved by the next one. */
  late: number;
  /** Processes that were to be struck and were done before. */
  spared: number;
  /** Locks that outlived their holder, and were taken over. */
  stale: number;
  /** Logins that were lost in the window: the answer had left the server, and was in no store. */
  inWindow: number;
  /** The reuse that one of those ends in: at most one for each. */
  reusesInWindow: number;
  /** What exactly was not as it should be. */
  readonly problems: string[];
  /** How wide that window is, in ms, in each refresh that was not disturbed. */
  readonly windowsMs: number[];
  /** How long the next process waited for its token, in ms. */
  readonly waitsMs: number[];
  /** The steps of a transaction that a blow fell on. */
  readonly steps: Set<string>;
}

export function newTally(): Tally {
  const counts =
    "processes expiries refreshes kills stops troubles exits waiting early setBacks told late spared stale inWindow reusesInWindow";
  const names = [...counts.split(" "), ...Object.keys(faults)];
  const zero = Object.fromEntries(names.map((name) => [name, 0])) as Record<keyof Tally, number>;
  return { ...zero, problems: [], windowsMs: [], waitsMs: [], steps: new Set() };
}

/** What must be zero and is not. */
export function faultsOf(tally: Tally): Partial<Record<Fault, number>> {
  const names = Object.keys(faults) as Fault[];
  return Object.fromEntries(names.flatMap((name) => (tally[name] > 0 ? [[name, tally[name]]] : [])));
}

export function describeTally(tally: Tally): string {
  const windows: Row[] = [
    ["window, median", msOf(tally.windowsMs, 0.5)],
    ["  99 of 100", msOf(tally.windowsMs, 0.99)],
  ];
  const waits: Row[] = [
    ["the next process has its token, median", msOf(tally.waitsMs, 0.5)],
    ["  the longest", msOf(tally.waitsMs, 1)],
  ];
  const some = (rows: readonly Row[]): readonly Row[] => rows.filter(([, count]) => count !== 0);
  return tableOf([
    ["processes", tally.processes],
    ["expiries", tally.expiries],
    ["refreshes", tally.refreshes],
    ...some([
      ["kills (SIGKILL)", tally.kills],
      ["stops (SIGSTOP)", tally.stops],
      ["troubles", tally.troubles],
      ["programs that ended", tally.exits],
      ["  while a caller was waiting", tally.waiting],
      ["  with an early renewal", tally.early],
      ["stores set back or emptied", tally.setBacks],
      ["  at different steps", tally.steps.size],
      ["  calls that were told so", tally.told],
      ["  answers that were saved late", tally.late],
      ["stale locks taken over", tally.stale],
    ]),
    ["transactions nobody disturbed", tally.spared],
    ["lost logins inside of the window", tally.inWindow],
    ["  ended in a reuse event", tally.reusesInWindow],
    ...(tally.windowsMs.length > 0 ? windows : []),
    ...(tally.waitsMs.length > 0 ? waits : []),
    ...(Object.entries(faults) as [Fault, string][]).map(([name, what]): Row => [what, tally[name]]),
  ]);
}
