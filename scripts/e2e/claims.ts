import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { table } from "../table.ts";
import type { Part } from "./part.ts";
import { importEverything, usableEntries } from "./program.ts";
import { denoFlags, installTools } from "./runtimes.ts";

/** What a README says its package runs on. */
export interface Claim {
  /** The oldest Node: "22.13". */
  node: string;
  bun: boolean;
  deno: boolean;
  /** Workers at the edge, and browsers: without any module of Node's. */
  workers: boolean;
}

/**
 * The one sentence in which a README makes its claim, such as "Runs on Node 22.13 or later, Bun and Deno.": what is tried is
 * what it says. `undefined` if there is none, or one that says something else.
 */
export function claimOf(readme: string): Claim | undefined {
  const [, node, more = ""] = /^Runs on Node (\d+\.\d+) or later(.*)\.$/m.exec(readme) ?? [];
  const others = more.split(/, | and /).filter((word) => word !== "");
  const known = ["Bun", "Deno", "workers"];
  if (node === undefined || others.some((word) => !known.includes(word))) return undefined;
  const [bun = false, deno = false, workers = false] = known.map((word) => others.includes(word));
  return { node, bun, deno, workers };
}

/** The claim of a package as it was installed in the folder of an app. */
export function claimIn(app: string, { manifest }: Package): Claim | undefined {
  const readme = join(app, "node_modules", manifest.name, "README.md");
  return existsSync(readme) ? claimOf(readFileSync(readme, "utf8")) : undefined;
}

/**
 * Under Bun and Deno, where a README claims them: imports all that the package exports, and uses its main function as
 * test-apps/consumer does. `prove` does the same on Node. All come from the one app that has every package.
 */
export async function proveClaims(tools: string, app: string, all: readonly Package[]): Promise<Part> {
  const { bun, deno, trouble } = await installTools(tools);
  cpSync(join(root, "test-apps/consumer"), join(app, "consumer"), { recursive: true });
  const problems: string[] = [];
  const rows = new Map<string, string[]>();
  const queue = all.flatMap((pkg) => {
    const claim = claimIn(app, pkg);
    const { name, engines } = pkg.manifest;
    rows.set(name, [claim ? `Node ${claim.node}` : "says nothing"]);
    if (!existsSync(join(app, "consumer", programOf(pkg))))
      problems.push(`${name}: there is no test-apps/consumer/${programOf(pkg)} that uses it`);
    if (!claim) problems.push(`${name}: its README does not say what it runs on`);
    else if (!engines?.node?.includes(claim.node))
      problems.push(`${name}: its README claims Node ${claim.node}, its manifest another one`);
    return (["bun", "deno"] as const).flatMap((runtime) => (claim?.[runtime] ? [{ pkg, runtime }] : []));
  });

  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { pkg, runtime } = next;
      const { name } = pkg.manifest;
      const program = { bun, deno }[runtime];
      if (!program) {
        rows.get(name)?.push(`(${runtime} SKIPPED)`);
        if (process.env["AUTH_IT"] === "require")
          problems.push(`${name}: ${runtime} could not be installed here. ${trouble}`);
        continue;
      }
      try {
        await smoke(program, runtime, pkg, app);
        rows.get(name)?.push(runtime);
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        rows.get(name)?.push(`${runtime} FAILED`);
        problems.push(`${name} under ${runtime}: ${error.message}`);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  const text = [...rows].map(([name, [claimed = "", ...others]]) => [name, claimed, others.sort().join(" ")]);
  return { report: table(["package", "claims", "and ran under"], text), problems };
}

const programOf = ({ folder }: Package): string => `${folder.split("/").at(-1)}.ts`;

async function smoke(program: string, runtime: "bun" | "deno", pkg: Package, app: string): Promise<void> {
  const place = join(app, "claims", runtime, programOf(pkg).replace(".ts", ""));
  mkdirSync(place, { recursive: true });
  const env = { PATH: process.env["PATH"], HOME: place, TMPDIR: place, DENO_NO_UPDATE_CHECK: "1" };
  const flags = runtime === "deno" ? [...denoFlags, "--no-check", "--allow-all"] : [];
  const everything = join(place, "everything.ts");
  writeFileSync(everything, importEverything(usableEntries(app, pkg)));
  for (const file of [everything, join(app, "consumer", programOf(pkg))]) {
    // What brings tests is run by the runtime's own runner.
    const command = readFileSync(file, "utf8").includes('"node:test"') ? "test" : "run";
    await run(program, [command, ...flags, file], { cwd: place, env, timeoutMs: 60_000 });
  }
}
