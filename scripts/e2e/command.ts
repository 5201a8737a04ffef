import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { install } from "./install.ts";
import type { Registry } from "./registry.ts";

/**
 * Installs the command and all that it can use into an empty folder, and runs the command's own tests against that program: the
 * packed thing is the thing under test. Resolves to what was found wrong, such as an option that no test has used.
 */
export async function proveCommand(folder: string, cli: Package, registry: Registry): Promise<string[]> {
  const { name, bin = {}, peerDependencies = {} } = cli.manifest;
  const { folder: app } = await install(folder, [name, ...Object.keys(peerDependencies)], registry.env);
  const problems = await unparsable(join(app, "node_modules", name));
  if (problems.length > 0) return problems;

  const runs = join(folder, "runs.jsonl");
  const [command = ""] = Object.keys(bin);
  const env = {
    ...process.env,
    AUTH_COMMAND: realpathSync(join(app, "node_modules/.bin", command)),
    AUTH_COMMAND_RUNS: runs,
    AUTH_TEST_REPORT: "", // these are the tests of sources once more; the report is of those
  };
  const path = join(root, cli.folder);
  try {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    await run(process.execPath, [vitest, "run", "--reporter=dot"], { cwd: path, env, timeoutMs: 1_200_000 });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    problems.push(`${name}, from its tarball: ${error.message}`);
  }
  if (!existsSync(runs)) return [...problems, `${name}: no test has run the command`];
  const counts = readFileSync(runs, "utf8").trim().split("\n").length;
  const left = await run(process.execPath, ["--conditions=src", "--no-warnings", "test/exercised.ts", runs], {
    cwd: path,
  });
  const unused = left.split("\n").filter(Boolean);
  console.log(
    `\n${name} from its tarball: ${counts} runs, ${unused.length} commands and options never used well`,
  );
  return [...problems, ...unused.map((each) => `${name}: no test has used ${each} from the tarball`)];
}

/** What Node cannot even read, such as a chunk that exports what it does not declare. */
async function unparsable(folder: string): Promise<string[]> {
  const problems: string[] = [];
  for (const file of globSync("dist/**/*.mjs", { cwd: folder })) {
    try {
      await run(process.execPath, ["--check", file], { cwd: folder });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      problems.push(error.message);
    }
  }
  return problems;
}
