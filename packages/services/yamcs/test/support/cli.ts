import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parts, yamcsThere } from "./real-yamcs.ts";

const bin = join(parts, "yamcs", "cli", "bin");
const installed = existsSync(join(bin, "yamcs"));
if (!installed)
  console.warn(
    "SKIPPED: no test ran against the client of Yamcs in Python, as it is not installed; scripts/parts/yamcs.sh installs it.",
  );

/** False where the client in Python is not installed; with AUTH_IT=require never. */
export const clientThere: boolean = installed || process.env["AUTH_IT"] === "require";
/** Its command line is of use with the real server only: they speak protocol buffers. */
export const cliThere: boolean = clientThere && yamcsThere;

/** Runs the command-line client in a home directory of its own; resolves to all that it prints. */
export async function cli(home: string, args: readonly string[], password?: string): Promise<string> {
  return run(join(bin, "yamcs"), args, {
    HOME: home,
    ...(password !== undefined && { YAMCS_CLI_PASSWORD: password }),
  });
}

/** The same for a program of our own that uses the client. */
export function python(home: string, program: string): Promise<string> {
  return run(join(bin, "python"), ["-c", program], { HOME: home });
}

async function run(file: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  if (!installed)
    throw new Error("the client of Yamcs is not installed; run scripts/parts/yamcs.sh (Python 3 is needed)");
  const all = { ...env, PATH: process.env["PATH"] ?? "", PYTHONWARNINGS: "ignore" };
  const { stdout, stderr } = await promisify(execFile)(file, args, { env: all, cwd: env["HOME"] });
  return stdout + stderr;
}
