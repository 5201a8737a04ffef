import { chmodSync, existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import type { Part } from "./part.ts";

/**
 * Runs the command's own tests against the program that is installed in the folder of an app: the packed thing is the thing under
 * test. A command or an option that none of them has used is wrong, too.
 */
export async function proveCommand(app: string, work: string, { folder, manifest }: Package): Promise<Part> {
  const { name, bin = {} } = manifest;
  const [command = ""] = Object.keys(bin);
  const runs = join(work, "runs.jsonl");
  // What the tests report is about our sources; this is the same once more.
  const { AUTH_TEST_REPORT: _, ...around } = process.env;
  const program = realpathSync(join(app, "node_modules/.bin", command));
  const env = { ...around, AUTH_COMMAND: program, AUTH_COMMAND_RUNS: runs };
  const cwd = join(root, folder);
  const problems: string[] = [];
  chmodSync(work, 0o755); // one test runs it as a user without a name
  try {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    await run(process.execPath, [vitest, "run", "--reporter=dot"], { cwd, env, timeoutMs: 1_800_000 });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    problems.push(`${name}, as it is installed: ${error.message}`);
  }
  if (!existsSync(runs)) return { problems: [...problems, `${name}: no test has run ${program}`] };
  const count = readFileSync(runs, "utf8").trim().split("\n").length;
  const node = ["--conditions=src", "--no-warnings", "test/exercised.ts", runs];
  const unused = (await run(process.execPath, node, { cwd })).split("\n").filter(Boolean);
  problems.push(...unused.map((each) => `${name}: no test has used ${each}`));
  return { report: `${count} runs; ${unused.length} commands and options that none has used`, problems };
}
