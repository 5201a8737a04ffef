import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { table } from "../table.ts";
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
 * Runs what `prove` has compiled for each package (all that it exports, imported; its main function, used) under Bun and
 * Deno as well, where its README claims them; and imports all there is from `together`, the app that has every package and so
 * the ways in for which an optional one is needed. Prints what ran where; resolves to what was found wrong.
 */
export async function proveClaims(
  work: string,
  together: string,
  all: readonly Package[],
): Promise<string[]> {
  const { bun, deno, trouble } = await installTools(join(work, "runtimes"));
  const problems: string[] = [];
  const rows = new Map<string, string[]>();
  const queue = all.flatMap((pkg) => {
    const folder = join(work, pkg.folder);
    const claim = claimIn(join(folder, "app"), pkg);
    const { name } = pkg.manifest;
    rows.set(name, [claim ? `Node ${claim.node}` : "says nothing"]);
    if (!existsSync(join(root, "test-apps/consumer", programOf(pkg))))
      problems.push(`${name}: there is no test-apps/consumer/${programOf(pkg)} that uses it`);
    if (!claim) problems.push(`${name}: its README does not say what it runs on`);
    else if (!pkg.manifest.engines?.node?.includes(claim.node))
      problems.push(`${name}: its README claims Node ${claim.node}, its manifest another one`);
    return (["bun", "deno"] as const).flatMap((runtime) =>
      claim?.[runtime] ? [{ pkg, folder, runtime }] : [],
    );
  });

  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { pkg, folder, runtime } = next;
      const { name } = pkg.manifest;
      const program = { bun, deno }[runtime];
      if (!program) {
        rows.get(name)?.push(`(${runtime} SKIPPED)`);
        if (process.env["AUTH_IT"] === "require")
          problems.push(`${name}: ${runtime} could not be installed here. ${trouble}`);
        continue;
      }
      try {
        await smoke(program, runtime, pkg, folder, together);
        rows.get(name)?.push(runtime);
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        rows.get(name)?.push(`${runtime} FAILED`);
        problems.push(`${name} under ${runtime}: ${error.message}`);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  const text = [...rows].map(([name, [node = "", ...others]]) => [name, node, others.sort().join(" ")]);
  console.log(`\n${table(["package", "claims", "and ran under"], text)}`);
  return problems;
}

const programOf = ({ folder }: Package): string => `${folder.split("/").at(-1)}.ts`;

async function smoke(
  program: string,
  runtime: "bun" | "deno",
  pkg: Package,
  folder: string,
  together: string,
): Promise<void> {
  const env = { PATH: process.env["PATH"], HOME: join(folder, "home"), DENO_NO_UPDATE_CHECK: "1" };
  const flags = runtime === "deno" ? [...denoFlags, "--no-check", "--allow-all"] : [];
  const start = async (app: string, file: string): Promise<void> => {
    // What brings tests is run by the runtime's own runner; the dot is what Bun tells a path by.
    const command = readFileSync(join(app, file), "utf8").includes('"node:test"') ? "test" : "run";
    await run(program, [command, ...flags, `./${file}`], { cwd: app, env, timeoutMs: 60_000 });
  };
  const whole = `everything-of-${programOf(pkg)}`;
  writeFileSync(join(together, whole), importEverything(usableEntries(together, pkg)));
  await start(together, whole);
  const own = join("out", programOf(pkg).replace(/\.ts$/, ".js"));
  if (existsSync(join(folder, "app", own))) await start(join(folder, "app"), own);
}
