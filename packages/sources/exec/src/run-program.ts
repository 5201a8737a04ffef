import { type Clock, systemClock, toAuthError } from "@auth/core";
import { checkProgram } from "./check-options.ts";
import type { ProgramAnswer } from "./run-file.ts";

export interface RunProgramOptions {
  /** The program and its arguments. The program is a whole path, or a bare name that is found on PATH. No shell reads it. */
  readonly command: readonly string[];
  /** Whose program it is, for messages: your provider's name. Default: `"program"`. */
  readonly source?: string | undefined;
  /** Written to its standard input. Default: it has none, unless it is interactive. */
  readonly stdin?: string | undefined;
  /** Variables of this process that it gets, besides those that every program needs. Default: none. */
  readonly passEnv?: readonly string[] | undefined;
  /** Variables set for it. Default: none. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Where it runs: a whole path. Default: the home directory. */
  readonly cwd?: string | undefined;
  /** It may ask a person at the terminal. Then call this only for a caller who waits. Default false. */
  readonly interactive?: boolean | undefined;
  /** It is ended after this time, in ms. Default 30000, 30 seconds; 300000, five minutes, if it is interactive (L13). */
  readonly timeoutMs?: number | undefined;
  /** It is ended when it prints more than this, in bytes. Default 1048576, 1 MiB (L13). */
  readonly maxBytes?: number | undefined;
  /** The same for its standard error, which nobody sees. Default 65536, 64 KiB (L13). */
  readonly maxStderrBytes?: number | undefined;
  /** An abort ends it, with all that it started; the call then rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/**
 * Runs a program for a source of your own, as {@link fromCommand} does (SEC-108): found without the working directory,
 * relative folders or `node_modules`; no shell, no `.bat` or `.cmd`; few of this process's variables; ended together with all
 * that it started when time, output or the caller's patience is over, and when this process ends. Resolves to its exit code,
 * whatever that is, and what it printed; what it says on standard error is dropped.
 *
 * Errors: `UNAVAILABLE/no-program`; `DENIED/no-program`; `INVALID/helper-failed` for too much output, or a program that was
 * ended by a signal or is none for this system; `UNREACHABLE/timeout`; `UNREACHABLE/read-failed` if the system starts no more
 * programs. None holds its arguments or what it printed; leave both out of yours. `TypeError` for wrong options.
 *
 * @example
 * ```ts
 * const { exitCode, stdout } = await runProgram({ command: ["vault", "kv", "get", "-format=json", path], source: name, signal });
 * ```
 */
export async function runProgram(options: RunProgramOptions): Promise<ProgramAnswer> {
  checkProgram(options, "runProgram");
  const { source = "program", signal = new AbortController().signal, clock = systemClock } = options;
  signal.throwIfAborted();
  try {
    const { readCommand } = await import("./read-command.ts"); // its load time is for those who run a program
    return await readCommand({ ...options, source, signal, clock });
  } catch (error) {
    signal.throwIfAborted();
    throw toAuthError(error, source);
  }
}
