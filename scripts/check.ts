// What CI runs, in two lanes: one line for each step, and the output of those that fail.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./packages.ts";

type Step = [name: string, command: string];

// .ci/run has just run the tests when it asks for a report of them.
const given = process.env["AUTH_TEST_REPORT"];
const work = mkdtempSync(join(tmpdir(), "check-"));
const report = given ?? join(work, "tests.json");
const tests: Step[] = given ? [] : [["tests", "vitest run"]];

const lanes: Step[][] = [
  [
    ["build, publint, attw", "turbo run build --continue"],
    ["size", "node scripts/size.ts"],
    ["types", "tsc -p tsconfig.json && turbo run typecheck --continue"],
    ["published, installed and run", "node scripts/e2e.ts"],
    ["the same under another scope", "node scripts/e2e.ts --scope @acme"],
  ],
  [
    ["format, lint", "biome ci --colors=off ."],
    ["lint with types", "oxlint --type-aware --deny-warnings"],
    ["boundaries", "node scripts/check-boundaries.ts"],
    ["readmes", "node scripts/check-readmes.ts"],
    ["unused code and dependencies", "knip"],
    ["changesets", "changeset status --since=main"],
    ...tests,
    ["each security requirement has a test", "node scripts/sec.ts --quiet"],
    ["each case of the services has a test", "node scripts/conformance.ts --quiet"],
  ],
];

// Measures, so nothing else may run beside it.
const alone: Step[] = [["cost of the import", "node scripts/import-cost.ts"]];

/** What the command wrote, if it failed. */
function run(command: string): Promise<string | undefined> {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", AUTH_TEST_REPORT: report };
  const child = spawn(command, { cwd: root, env, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve(code === 0 ? undefined : output));
  });
}

let failed = 0;
async function take(steps: readonly Step[]): Promise<void> {
  for (const [name, command] of steps) {
    const started = performance.now();
    const output = await run(command);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${output === undefined ? "ok    " : "FAILED"} ${seconds.padStart(5)} s  ${name}`);
    if (output === undefined) continue;
    failed++;
    console.log(`\n$ ${command}\n${stripVTControlCharacters(output).trim()}\n`);
  }
}

await Promise.all(lanes.map(take));
await take(alone);
rmSync(work, { recursive: true });
console.log(failed === 0 ? "\nAll checks passed." : `\n${failed} failed.`);
process.exitCode = failed === 0 ? 0 : 1;
