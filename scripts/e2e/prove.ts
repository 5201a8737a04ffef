import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Package } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { table } from "../table.ts";
import { flaws, install } from "./install.ts";
import { type Node, node, versionsFor } from "./nodes.ts";
import type { Part } from "./part.ts";
import { compile, writePrograms } from "./program.ts";
import type { Registry } from "./registry.ts";
import { strangers } from "./strangers.ts";

interface Proof {
  name: string;
  bytes: number;
  /** What comes along, beside core. */
  dependencies: string[];
  nodes: Node[];
  problems: string[];
}

/** Installs a package beside core in an empty folder of its own, checks strict programs against its types, and runs them. */
async function prove(pkg: Package, core: Package, registry: Registry, folder: string): Promise<Proof> {
  const { name, engines, bin = {} } = pkg.manifest;
  const pair = pkg === core ? [core] : [core, pkg];
  const asked = pair.map(({ manifest }) => manifest.name);
  const nodes = await Promise.all(versionsFor(engines?.node).map(node));
  const { folder: app, bytes, names } = await install(folder, asked, registry.env);
  const dependencies = names.filter((each) => !asked.includes(each));

  const problems = flaws(app, name);
  if (pkg === core && dependencies.length > 0) problems.push(`${name} brings ${dependencies.join(", ")}`);
  const others = strangers(pkg.folder, dependencies);
  if (others.length > 0) problems.push(`${name} brings ${others.join(", ")}, which it is not for`);
  try {
    const programs = writePrograms(app, pair);
    await compile(app, programs);
    const page = readFileSync(join(app, "node_modules", name, "README.md"), "utf8");
    // Unless its README says that it needs Node's types, it gets along without.
    if (!page.includes("`@types/node`")) await compile(app, ["everything.ts"], ["web"]);
    const commands = [
      ...programs.map((file) => [join("out", file.replace(/\.ts$/, ".js"))]),
      ...Object.values(bin).map((file) => [join("node_modules", name, file), "--help"]),
    ];
    const env = { PATH: process.env["PATH"], HOME: join(folder, "home") };
    for (const { path } of nodes)
      for (const command of commands) if (path) await run(path, command, { cwd: app, env });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    problems.push(`${name}: ${error.message}`);
  }
  return { name, bytes, dependencies, nodes, problems };
}

/** Does so with all of them, each in its folder below `work`. */
export async function proveEach(
  all: readonly Package[],
  core: Package,
  registry: Registry,
  work: string,
): Promise<Part> {
  const proofs: Proof[] = [];
  for (const pkg of all) proofs.push(await prove(pkg, core, registry, join(work, pkg.folder)));
  const rows = proofs.map(({ name, bytes, dependencies, nodes }) => [
    name,
    `${(bytes / 1024).toFixed(0)} kB`,
    `${dependencies.length}`,
    nodes.map(({ version, path }) => (path ? version : `(${version})`)).join(" "),
  ]);
  const required = process.env["AUTH_IT"] === "require";
  const missing = proofs.flatMap(({ name, nodes }) =>
    nodes
      .filter(({ path }) => !path && required)
      .map(({ version }) => `${name}: Node ${version} cannot be had`),
  );
  return {
    report: table(["package, beside core", "installed", "brings", "runs on Node"], rows),
    problems: [...proofs.flatMap(({ problems }) => problems), ...missing],
  };
}
