import { homedir } from "node:os";
import { delimiter } from "node:path";
import type { Clock } from "@auth/core";
import { childEnvironment, type EnvironmentRules } from "./child-environment.ts";
import { findProgram, searchPath, usualFolder } from "./find-program.ts";
import { type Answer, runProgram } from "./run-program.ts";

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
export async function readCommand(call: CommandCall): Promise<Answer> {
  const { interactive = false, source, stdin, signal, clock } = call;
  const env = childEnvironment(call);
  const folders = await searchPath(env["PATH"]);
  if (env["PATH"] !== undefined) env["PATH"] = folders.join(delimiter);
  const [name = "", ...args] = call.command;
  return runProgram({
    file: await findProgram(name, folders, source),
    args: [...args, ...(call.args ?? [])],
    cwd: call.cwd ?? (await usualFolder(homedir())),
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
