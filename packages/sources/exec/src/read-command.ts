import { delimiter } from "node:path";
import { type Clock, isAuthError } from "@auth/core";
import { homeDirectory } from "@auth/core/home";
import { childEnvironment, type EnvironmentRules } from "./child-environment.ts";
import { findProgram, searchPath, usualFolder } from "./find-program.ts";
import { type ProgramAnswer, runFile } from "./run-file.ts";

export interface CommandCall extends EnvironmentRules {
  readonly command: readonly string[];
  readonly args?: readonly string[] | undefined;
  readonly stdin?: string | undefined;
  readonly cwd?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly maxStderrBytes?: number | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly source: string;
}

/** Finds the program, runs it once, and resolves to its exit code and standard output. The limits are those of L13. */
export async function readCommand(call: CommandCall): Promise<ProgramAnswer> {
  const { interactive = false, source, stdin, signal, clock } = call;
  const env = childEnvironment(call);
  const folders = await searchPath(env["PATH"]);
  if (env["PATH"] !== undefined) env["PATH"] = folders.join(delimiter);
  const [name = "", ...args] = call.command;
  return runFile({
    file: await findProgram(name, folders, source),
    args: [...args, ...(call.args ?? [])],
    cwd: call.cwd ?? (await usualFolder(home(source))),
    env,
    stdin,
    interactive,
    timeoutMs: call.timeoutMs ?? (interactive ? 300_000 : 30_000),
    maxBytes: call.maxBytes ?? 1_048_576,
    maxStderrBytes: call.maxStderrBytes ?? 65_536,
    signal,
    clock,
    source,
  });
}

/** Nothing of ours lies there, so where there is none, a command need not fail for it. */
function home(source: string): string | undefined {
  try {
    return homeDirectory(source);
  } catch (error) {
    if (isAuthError(error)) return undefined;
    throw error;
  }
}
