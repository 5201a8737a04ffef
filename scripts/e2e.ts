// pnpm e2e: publishes every package to a registry on loopback, installs them from there as strangers would, and runs them.
// pnpm e2e --scope @acme: the same for a copy of this repository under another scope.
// pnpm e2e "package manager": only the parts whose name has these words.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { proveBundles } from "./e2e/bundles.ts";
import { proveEdge } from "./e2e/bundles-edge.ts";
import { proveClaims } from "./e2e/claims.ts";
import { proveCommand } from "./e2e/command.ts";
import { coreElsewhere } from "./e2e/core-elsewhere.ts";
import { everyFile } from "./e2e/every-file.ts";
import type { Part } from "./e2e/part.ts";
import { proveEach } from "./e2e/prove.ts";
import { publish } from "./e2e/publish.ts";
import { checkTogether, installTogether, runReadmes } from "./e2e/readmes.ts";
import { startRegistry } from "./e2e/registry.ts";
import { proveStandaloneSource } from "./e2e/standalone-source.ts";
import { underScope } from "./e2e/under-scope.ts";
import { everyWay } from "./e2e/ways.ts";
import { type Package, packages } from "./packages.ts";
import { CommandFailed } from "./run.ts";

const { values, positionals } = parseArgs({
  options: { scope: { type: "string" }, "without-command": { type: "boolean" } },
  allowPositionals: true,
});

/** Everything that was found wrong. */
async function proveAll(work: string): Promise<string[]> {
  const all = packages();
  const core = all.find(({ folder }) => folder === "packages/core") as Package;
  await using registry = await startRegistry(work, core.manifest.name.split("/")[0] as string);
  await publish(registry);
  const cli = all.find(({ folder }) => folder === "packages/cli") as Package;
  const app = await installTogether(join(work, "together"), all, registry);
  const tools = join(work, "runtimes");

  // One line for each thing that is proved.
  const parts: [title: string, prove: () => Promise<Part>][] = [
    ["each package by itself", () => proveEach(all, core, registry, work)],
    ["all ways of installing, by package manager", () => everyWay(join(work, "ways"), core)],
    ["all packages together", () => checkTogether(app, all)],
    ["each file", () => everyFile(app.folder, all)],
    ["the READMEs", () => runReadmes(app.folder, all)],
    ["core under other runtimes", () => coreElsewhere(tools, core, app.folder)],
    ["each package under the runtimes it claims", () => proveClaims(tools, app.folder, all)],
    ["without Node, at the edge", () => proveEdge(join(work, "edge"), tools, app.folder, all)],
    ["an app, as it is and in one file", () => proveBundles(join(work, "bundles"), tools, app.folder)],
    ["a source of somebody else's", () => proveStandaloneSource(join(work, "standalone"), registry)],
  ];
  // Takes as long as all the rest, and another scope changes nothing that it asks.
  if (!values["without-command"]) parts.unshift(["the command", () => proveCommand(app.folder, work, cli)]);
  const queue = parts.filter(([title]) => title.includes(positionals.join(" ")));
  const problems: string[] = [];
  const lane = async (): Promise<void> => {
    for (let part = queue.shift(); part; part = queue.shift()) {
      const [title, prove] = part;
      const started = performance.now();
      const result = await prove();
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${title}: ${result.problems.length === 0 ? "ok" : "FAILED"}, ${seconds} s`);
      if (result.report) console.log(`${result.report}\n`);
      problems.push(...result.problems);
    }
  };
  await Promise.all([lane(), lane()]);
  return problems;
}

const work = mkdtempSync(join(tmpdir(), "e2e-"));
try {
  const problems = values.scope ? await underScope(values.scope, work, positionals) : await proveAll(work);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
