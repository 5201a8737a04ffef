// Every kill, every stop and long races: about ten minutes. `pnpm test:soak`, with a number for fewer kills.
import { stripVTControlCharacters, styleText } from "node:util";
import { runKills } from "./kill-run.ts";
import { runStops } from "./kill-stops.ts";
import { describeTally, faultsOf, newTally, print, quantile, tableOf } from "./kill-tally.ts";
import { runRace } from "./run-race.ts";

const live = process.stdout.isTTY;
const startedAt = performance.now();
const elapsed = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
let failed = false;

/** One line that is written over on a terminal; in a pipe only those that are worth `keeping`. */
function progress(text: string, keeping = true): void {
  if (live) process.stdout.write(`\r\u001b[K${text} ${elapsed()}`);
  else if (keeping) process.stdout.write(`${text}, ${elapsed()}\n`);
}

async function report(
  title: string,
  text: string,
  faults: object,
  problems: readonly string[],
): Promise<void> {
  if (live) process.stdout.write("\r\u001b[K");
  const bad = Object.keys(faults).length > 0 || problems.length > 0;
  failed ||= bad;
  const verdict = live ? styleText(bad ? "red" : "green", bad ? "FAILED" : "ok") : bad ? "FAILED" : "ok";
  await print(`${title}: ${verdict}, ${elapsed()}\n${stripVTControlCharacters(text)}`);
  for (const problem of problems.slice(0, 50)) await print(`  ${problem}`);
  await print("");
}

for (const [processes, rounds] of [
  [2, 200],
  [16, 60],
  [64, 25],
] as const) {
  progress(`${processes} processes race`);
  const { waits, failures, expiries, refreshes, reuses, divided, wide, leftovers } = await runRace(
    processes,
    rounds,
  );
  const counts = { reuses, "lost logins": failures.length, divided, wide, leftovers: leftovers.length };
  const faults = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  const rows = [
    ["processes", processes],
    ["expiries", expiries],
    ["refreshes", refreshes],
    ...Object.entries(counts),
    ["wait, median", `${quantile(waits, 0.5).toFixed(0)} ms`],
    ["wait, longest", `${quantile(waits, 1).toFixed(0)} ms`],
  ] as const;
  const problems =
    refreshes === expiries ? failures : [`${refreshes} refreshes for ${expiries} expiries`, ...failures];
  await report(`${processes} processes, one token file`, tableOf(rows), faults, problems);
}

const kills = Number(process.argv[2] ?? 2_000);
const onKill = (done: number): void => progress(`${done} of ${kills} kills`, done % 250 === 0);
const killed = await runKills({ kills, onKill });
await report("Killed in the middle of a refresh", describeTally(killed), faultsOf(killed), killed.problems);

const stopped = newTally();
progress("stopped and woken up");
await runStops(stopped, 200);
await report(
  "Stopped for longer than the lock lasts",
  describeTally(stopped),
  faultsOf(stopped),
  stopped.problems,
);
process.exitCode = failed ? 1 : 0;
