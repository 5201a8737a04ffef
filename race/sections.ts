import { runExits } from "./exit-run.ts";
import { runKills } from "./kill-run.ts";
import { runSlow } from "./kill-slow.ts";
import { runStops } from "./kill-stops.ts";
import { describeTally, faultsOf, newTally, type Tally } from "./kill-tally.ts";
import { runTroubles } from "./kill-troubles.ts";
import type { StoreKind } from "./login.ts";
import { describeRace, faultlessRace, runRace } from "./run-race.ts";
import { runSetBacks } from "./set-back-run.ts";
import type { troubles } from "./troubles.ts";

/** What one part of a soak came to. */
export interface Outcome {
  readonly table: string;
  /** Numbers that can be added up over all parts. */
  readonly counts: Readonly<Record<(typeof summed)[number], number>>;
  /** What is not as it has to be; none if all is well. */
  readonly problems: readonly string[];
}

export interface Section {
  readonly title: string;
  readonly of: number;
  /** Undefined: it cannot be done here. */
  run(onProgress: (done: number) => void): Promise<Outcome | undefined>;
}

export const summed = [
  "processes",
  "expiries",
  "kills",
  "stops",
  "troubles",
  "exits",
  "set-backs",
  "refreshes",
  "lost logins inside of the window",
  "lost logins outside of it",
  "reuse events inside of the window",
  "reuse events outside of it",
  "torn files",
  "files wider than 0600",
] as const;

/** Of a part that came to no end. */
export function failedOutcome(error: unknown): Outcome {
  const counts = Object.fromEntries(summed.map((name) => [name, 0])) as Record<
    (typeof summed)[number],
    number
  >;
  return {
    table: "",
    counts,
    problems: [`it broke off: ${error instanceof Error ? error.stack : String(error)}`],
  };
}

const names: Readonly<Record<StoreKind, string>> = { "token-file": "one token file", redis: "one Redis" };

export function raceOf(processes: number, rounds: number, kind: StoreKind): Section {
  return {
    title: `${processes} processes race for ${names[kind]}`,
    of: rounds,
    async run(onProgress) {
      const outcome = await runRace(processes, rounds, kind, onProgress);
      const { failures, torn, wide } = outcome;
      const problems = Object.entries(faultlessRace(processes, rounds)).flatMap(([name, expected]) => {
        const [found, right] = [outcome[name as keyof typeof outcome], expected].map((each) =>
          JSON.stringify(each),
        );
        return found === right ? [] : [`${name}: ${found} instead of ${right}`];
      });
      return {
        table: describeRace(outcome),
        problems,
        counts: {
          processes: outcome.processes,
          expiries: outcome.expiries,
          kills: 0,
          stops: 0,
          troubles: 0,
          exits: 0,
          "set-backs": 0,
          refreshes: outcome.refreshes,
          "lost logins inside of the window": 0,
          "lost logins outside of it": failures.length,
          "reuse events inside of the window": 0,
          "reuse events outside of it": outcome.reuses,
          "torn files": Number(torn),
          "files wider than 0600": wide.length,
        },
      };
    },
  };
}

export function killsOf(kills: number, kind: StoreKind): Section {
  return {
    title: `Killed in the middle of a refresh, ${names[kind]}`,
    of: kills,
    async run(onKill) {
      const tally = await runKills({ kills, kind, onKill });
      return outcomeOf(tally, tally.kills < kills ? [`${tally.kills} kills instead of ${kills}`] : []);
    },
  };
}

export function exitsOf(runs: number): Section {
  return {
    title: "Programs that ask once or a few times, and end",
    of: runs,
    async run(onExit) {
      const tally = await runExits({ runs, onExit });
      return outcomeOf(tally, tally.exits < runs ? [`${tally.exits} programs instead of ${runs}`] : []);
    },
  };
}

export function setBacksOf(times: number, kind: StoreKind): Section {
  const what = kind === "redis" ? "A Redis fails over" : "A backup of a token file is restored";
  return {
    title: `${what}, or it is emptied`,
    of: times,
    async run(onSetBack) {
      const tally = newTally();
      await runSetBacks(tally, { times, kind, onSetBack });
      return outcomeOf(tally, halfAtLeast(tally.setBacks, times));
    },
  };
}

export function stopsOf(stops: number, kind: StoreKind, beyondSent = false): Section {
  const lease = beyondSent ? "a sent refresh token is waited for" : "a lock lasts";
  return {
    title: `Stopped for longer than ${lease}, ${names[kind]}`,
    of: stops,
    async run(onStop) {
      const tally = newTally();
      await runStops(tally, { stops, kind, beyondSent, onStop });
      return outcomeOf(tally, halfAtLeast(tally.stops, stops));
    },
  };
}

export function slowOf(times: number, kind: StoreKind): Section {
  return {
    title: `An answer that takes longer than a lock lasts, ${names[kind]}`,
    of: times,
    async run(onSlow) {
      const tally = newTally();
      await runSlow(tally, { times, kind, onSlow });
      return outcomeOf(tally, []);
    },
  };
}

export function troublesOf(name: keyof typeof troubles, times: number): Section {
  return {
    title: `Trouble with the store: ${name}`,
    of: times,
    async run(onTrouble) {
      const tally = newTally();
      if (!(await runTroubles(tally, { name, times, onTrouble }))) return undefined;
      return outcomeOf(tally, halfAtLeast(tally.troubles, times));
    },
  };
}

/** Who is aimed at one of the last steps may be done before. */
const halfAtLeast = (done: number, asked: number): string[] =>
  done < asked / 2 ? [`${done} times instead of ${asked}`] : [];

function outcomeOf(tally: Tally, missing: readonly string[]): Outcome {
  const uncounted = Object.keys(faultsOf(tally)).length > 0 && tally.problems.length === 0;
  return {
    table: describeTally(tally),
    problems: [...missing, ...tally.problems, ...(uncounted ? ["a fault that nobody described"] : [])],
    counts: {
      processes: tally.processes,
      expiries: tally.expiries,
      kills: tally.kills,
      stops: tally.stops,
      troubles: tally.troubles,
      exits: tally.exits,
      "set-backs": tally.setBacks,
      refreshes: tally.refreshes,
      "lost logins inside of the window": tally.inWindow,
      "lost logins outside of it": tally.lost,
      "reuse events inside of the window": tally.reusesInWindow,
      "reuse events outside of it": tally.reuses,
      "torn files": tally.torn,
      "files wider than 0600": tally.wide,
    },
  };
}
