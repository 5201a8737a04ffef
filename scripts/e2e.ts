// pnpm e2e: publishes every package to a registry on loopback, installs each from there as a stranger would, and runs it.
// pnpm e2e --scope @acme: the same for a copy of this repository under another scope.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { proveCommand } from "./e2e/command.ts";
import { type Proof, prove } from "./e2e/prove.ts";
import { publish } from "./e2e/publish.ts";
import { checkReadmes } from "./e2e/readmes.ts";
import { startRegistry } from "./e2e/registry.ts";
import { runtimes } from "./e2e/runtimes.ts";
import { underScope } from "./e2e/under-scope.ts";
import { type Package, packages } from "./packages.ts";
import { CommandFailed } from "./run.ts";
import { table } from "./table.ts";

const { values } = parseArgs({ options: { scope: { type: "string" } } });

/** Everything that was found wrong. */
async function proveAll(work: string): Promise<string[]> {
  const all = packages();
  const core = all.find(({ folder }) => folder === "packages/core") as Package;
  await using registry = await startRegistry(work, core.manifest.name.split("/")[0] as string);
  await publish(registry);

  const proofs: Proof[] = [];
  const queue = [...all];
  const worker = async (): Promise<void> => {
    for (let pkg = queue.shift(); pkg; pkg = queue.shift())
      proofs.push(await prove(pkg, core, registry, join(work, pkg.folder)));
  };
  await Promise.all([worker(), worker()]);
  proofs.sort((a, b) => a.name.localeCompare(b.name));
  const rows = proofs.map(({ name, bytes, dependencies, nodes }) => [
    name,
    `${(bytes / 1024).toFixed(0)} kB`,
    `${dependencies.length}`,
    nodes.map(({ version, path }) => (path ? version : `(${version})`)).join(" "),
  ]);
  console.log(table(["package, beside core", "installed", "brings", "runs on Node"], rows));

  const cli = all.find(({ folder }) => folder === "packages/cli") as Package;
  const command = await proveCommand(join(work, "command"), cli, registry);
  const readmes = await checkReadmes(join(work, "together"), all, registry);
  const outcomes = await runtimes(join(work, "runtimes"), core, join(work, core.folder, "app"));
  console.log(
    `\n${table(
      ["core under", "steps"],
      outcomes.map(({ runtime, steps }) => [runtime, steps ? `${steps.length}` : "SKIPPED"]),
    )}`,
  );

  const required = process.env["AUTH_IT"] === "require";
  return [
    ...proofs.flatMap(({ problems }) => problems),
    ...command,
    ...readmes,
    ...outcomes.flatMap(({ problem, steps }) => (problem && (steps || required) ? [problem] : [])),
    ...outcomes
      .filter(({ steps, problem }) => !problem && steps && steps.join() !== outcomes[0]?.steps?.join())
      .map(({ runtime }) => `${runtime} ran other steps`),
    ...proofs.flatMap(({ name, nodes }) =>
      nodes
        .filter(({ path }) => !path && required)
        .map(({ version }) => `${name}: Node ${version} cannot be had`),
    ),
  ];
}

const work = mkdtempSync(join(tmpdir(), "e2e-"));
try {
  const problems = values.scope ? await underScope(values.scope, work) : await proveAll(work);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
