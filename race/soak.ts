// Every kill, every stop, every trouble and long races: `pnpm test:soak`.
import { parseArgs, styleText } from "node:util";
import { redisThere } from "../packages/stores/redis/test/support/redis-server.ts";
import {
  exitsOf,
  failedOutcome,
  killsOf,
  type Outcome,
  raceOf,
  type Section,
  setBacksOf,
  slowOf,
  stopsOf,
  summed,
  troublesOf,
} from "./sections.ts";
import { print, type Row, tableOf } from "./table.ts";
import { troubles } from "./troubles.ts";

const usage = `pnpm test:soak [--kills <number>] [--json]
  --kills  how many processes are to be killed over a token file, and the measure of everything else; default 2000
  --json   one document instead of tables`;

const { json, kills } = options();
const live = process.stdout.isTTY && !json;
const startedAt = performance.now();
const seconds = (): number => Math.round((performance.now() - startedAt) / 1_000);

function options(): { json: boolean; kills: number } {
  try {
    const { values } = parseArgs({
      options: { kills: { type: "string", default: "2000" }, json: { type: "boolean", default: false } },
    });
    const kills = Number(values.kills);
    if (!(Number.isSafeInteger(kills) && kills >= 20))
      throw new TypeError("--kills is a whole number, 20 or more");
    return { json: values.json, kills };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`);
    return process.exit(2);
  }
}

const share = (part: number): number => Math.max(4, Math.ceil(kills * part));
const fileTroubles = ["full disk", "read-only folder"] as const;
const redisTroubles = (Object.keys(troubles) as (keyof typeof troubles)[]).filter(
  (name) => !fileTroubles.some((each) => each === name),
);
const races = [
  [2, share(0.1)],
  [16, share(0.03)],
  [64, share(0.0125)],
] as const;
const sections: readonly Section[] = [
  ...races.map(([processes, rounds]) => raceOf(processes, rounds, "token-file")),
  killsOf(kills, "token-file"),
  exitsOf(share(0.5)),
  setBacksOf(share(0.05), "token-file"),
  stopsOf(share(0.1), "token-file"),
  slowOf(share(0.01), "token-file"),
  ...fileTroubles.map((name) => troublesOf(name, share(0.03))),
];
const overRedis: readonly Section[] = [
  ...races.map(([processes, rounds]) => raceOf(processes, rounds, "redis")),
  killsOf(share(0.25), "redis"),
  setBacksOf(share(0.05), "redis"),
  stopsOf(share(0.05), "redis"),
  stopsOf(share(0.05), "redis", true),
  slowOf(share(0.01), "redis"),
  ...redisTroubles.map((name) => troublesOf(name, share(0.02))),
];

/** One line that is written over on a terminal; in a pipe, one for each quarter. */
function showProgress({ title, of }: Section): (done: number) => void {
  let quarters = 0;
  return (done) => {
    const line = `${title}: ${done} of ${of}, ${seconds()} s`;
    if (live) process.stdout.write(`\r\u001b[K${line}`);
    const reached = Math.floor((4 * done) / of);
    if (!live && !json && reached > quarters && done < of) process.stdout.write(`${line}\n`);
    quarters = reached;
  };
}

async function report({ title }: Section, outcome: Outcome | undefined): Promise<void> {
  if (json) return;
  if (live) process.stdout.write("\r\u001b[K");
  const bad = !outcome || outcome.problems.length > 0;
  const verdict = outcome ? (bad ? "FAILED" : "ok") : "SKIPPED: it cannot be done here";
  await print(`${title}: ${live ? styleText(bad ? "red" : "green", verdict) : verdict}, ${seconds()} s`);
  if (!outcome) return;
  await print(outcome.table);
  for (const problem of outcome.problems.slice(0, 50)) await print(`  ${problem}`);
  await print("");
}

const outcomes: { title: string; outcome: Outcome | undefined }[] = [];
for (const section of redisThere ? [...sections, ...overRedis] : sections) {
  const onProgress = showProgress(section);
  onProgress(0);
  const outcome = await section.run(onProgress).catch(failedOutcome);
  outcomes.push({ title: section.title, outcome });
  await report(section, outcome);
}

const totals = summed.map((name): Row => {
  return [name, outcomes.reduce((sum, { outcome }) => sum + (outcome?.counts[name] ?? 0), 0)];
});
const problems = outcomes.flatMap(({ outcome }) => outcome?.problems ?? []);
const skipped = [
  ...outcomes.flatMap(({ title, outcome }) => (outcome ? [] : [title])),
  ...(redisThere ? [] : overRedis.map(({ title }) => title)),
];
if (json) {
  const sections = outcomes.map(({ title, outcome }) => ({
    title,
    ok: outcome && outcome.problems.length === 0,
    counts: outcome?.counts,
    problems: outcome?.problems,
  }));
  const document = {
    ok: problems.length === 0,
    seconds: seconds(),
    totals: Object.fromEntries(totals),
    skipped,
    sections,
  };
  await print(JSON.stringify(document, null, 2));
} else {
  await print(
    `All of it: ${problems.length > 0 ? `${problems.length} PROBLEMS` : "ok"}, ${seconds()} s\n${tableOf(totals)}`,
  );
  for (const title of skipped) await print(`  skipped: ${title}`);
}
process.exitCode = problems.length > 0 ? 1 : 0;
