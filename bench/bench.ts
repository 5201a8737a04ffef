// `pnpm bench`: ours beside the language and beside well-known libraries, as ratios of one run. `--json` for programs.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { bars } from "./bars.ts";
import { cachedToken } from "./cached-token.ts";
import type { Contender } from "./contender.ts";
import { fetchCost } from "./fetch-cost.ts";
import { fortyLines } from "./forty-lines.ts";
import { hotPathSection } from "./hot-path-section.ts";
import { ours } from "./ours.ts";
import { outage } from "./outage.ts";
import { loadPeers } from "./peers/load.ts";
import { clearProgress, type Section, tableOf } from "./report.ts";
import { sharedLogin } from "./shared-login.ts";
import { stampede } from "./stampede.ts";
import { waiting } from "./waiting.ts";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const startedAt = performance.now();
const sections: Section[] = [];

function show(section: Section): void {
  sections.push(section);
  clearProgress();
  if (!values.json) console.log(tableOf(section));
}

show(await hotPathSection());
show(await fetchCost());
const { contenders, missing } = await loadPeers(); // not before: the hot path is measured without them
for (const section of await cachedToken(contenders)) show(section);
show(await stampede(contenders));
for (const section of await outage(contenders)) show(section);
for (const section of await bars(contenders)) show(section);
show(await sharedLogin(contenders));
show(await waiting());

const about = [ours, fortyLines, ...contenders].map(describe);
const failed = sections.flatMap(({ rows }) => rows).filter(({ good }) => good === false).length;
const seconds = Math.round((performance.now() - startedAt) / 1000);
if (values.json) {
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
  const measured = sections.map(({ title, rows }) => ({
    title,
    rows: rows.map(({ good, data }) => ({ ...(good !== undefined && { good }), ...data })),
  }));
  console.log(JSON.stringify({ machine, seconds, failed, missing, contenders: about, sections: measured }));
} else {
  console.log("What was called");
  for (const { name, ...calls } of about)
    for (const [call, what] of Object.entries(calls)) console.log(`      ${name}, ${call}: ${what}`);
  console.log(`\n${failed === 0 ? "Every limit is kept" : `${failed} not kept`}; ${seconds} s`);
}
for (const line of missing) console.error(`MISSING ${line}`);
// Not left to itself: a peer whose renewal failed goes on trying until a token ends whose hour the leap has taken back.
process.exit(failed > 0 ? 1 : 0);

function describe({ name, what, request, shared }: Contender): Readonly<Record<string, string>> {
  const store = typeof shared === "string" ? shared : shared.what;
  return { name: name, "cached token": what, ...(request && { request }), store };
}
