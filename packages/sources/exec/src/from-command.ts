import { basename } from "node:path";
import { AuthError, type Clock, isAuthError, type Provider, systemClock, toAuthError } from "@auth/core";
import { checkOptions } from "./check-options.ts";
import type { CommandFormat } from "./command-format.ts";
import { kept } from "./kept.ts";
import { type OutputRules, parseOutput } from "./parse-output.ts";
import { type ExitMeaning, exitError } from "./to-auth-error.ts";

export interface CommandOptions {
  /** The program and its arguments. The program is a whole path, or a bare name that is found on PATH. No shell reads it. */
  readonly command: readonly string[];
  /** What it is called in messages. Default: the program's file name. */
  readonly name?: string | undefined;
  /** Variables of this process that the command gets, besides those that every program needs. Default: none. */
  readonly passEnv?: readonly string[] | undefined;
  /** Variables set for the command. Default: none. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Where it runs: a whole path. Default: the home directory, so that no project folder has a say in it. */
  readonly cwd?: string | undefined;
  /** It may ask a person at the terminal. Then it is started only for a caller who waits. Default false. */
  readonly interactive?: boolean | undefined;
  /** It is ended after this time, in ms. Default 30000, 30 seconds; 300000, five minutes, if it is interactive. */
  readonly timeoutMs?: number | undefined;
  /** It is ended when it prints more than this, in bytes. Default 1048576, 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** The same for its standard error, which nobody sees. Default 65536, 64 KiB. */
  readonly maxStderrBytes?: number | undefined;
  /** What its exit codes mean: `{ 44: "not-found" }`. Default: every one but 0 is a failure. */
  readonly exitCodes?: Readonly<Record<number, ExitMeaning>> | undefined;
  /**
   * How long an answer is kept that does not say when it expires, in ms; one that does is kept until then. Default 300000,
   * five minutes; 0 keeps nothing.
   */
  readonly ttlMs?: number | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** For a command that prints JSON or a bare secret. */
export interface FromCommandOptions extends CommandOptions, OutputRules {
  readonly format?: undefined;
  readonly request?: undefined;
}

/** For a command that speaks the protocol of a credential helper. */
export type FromHelperOptions<T = unknown, Request = unknown> = CommandOptions & {
  /** The protocol: one of `@auth/helpers`, or your own. */
  readonly format: CommandFormat<T, Request>;
} & (undefined extends Request
    ? { /** What the helper is asked; its type is the format's. */ readonly request?: Request | undefined }
    : { /** What the helper is asked; its type is the format's. */ readonly request: Request });

/**
 * Credentials that a command prints: JSON with the usual names, a bare secret, or the answer of a credential helper whose
 * format is given. The command is an argument list and runs without a shell, with few of this process's variables, and
 * without the terminal unless it is `interactive`.
 *
 * Concurrent callers share one run. Errors: `UNAVAILABLE/no-program`; `DENIED/no-program`; `INVALID/helper-failed` for an
 * exit code other than 0, too much output, or a crash; `UNREACHABLE/timeout`; `INVALID/payload-malformed`,
 * `/half-credential`, `/secret-format`, `/not-utf8`; `NOT_FOUND/no-field`; what `exitCodes` say (`NOT_FOUND/no-secret`,
 * `DENIED/permission-denied`, `UNREACHABLE/read-failed`); those of the format. None quotes what the command printed. `TypeError`
 * for wrong options.
 *
 * @example
 * ```ts
 * const token = fromCommand({ command: ["gh", "auth", "token"] });
 * const login = fromCommand({ command: ["docker-credential-pass"], format: dockerHelper, request: { server } });
 * ```
 */
export function fromCommand(options: FromCommandOptions): Provider;
export function fromCommand<T, Request>(options: FromHelperOptions<T, Request>): Provider<T>;
export function fromCommand(options: FromCommandOptions | FromHelperOptions): Provider<unknown> {
  checkOptions(options);
  const {
    format,
    request,
    interactive = false,
    exitCodes = {},
    ttlMs = 300_000,
    clock = systemClock,
  } = options;
  const name = `exec ${options.name ?? programName(options.command)}`;
  const asked = format?.ask(request, { interactive });
  const call = { ...options, ...asked, env: { ...asked?.env, ...options.env }, clock, source: name };
  let inUse = new AbortController();

  async function run(signal: AbortSignal): Promise<unknown> {
    const { readCommand } = await import("./read-command.ts"); // its load time is for those who run a command
    const startedAt = clock.now();
    const answer = await readCommand({ ...call, signal });
    const meaning = exitCodes[answer.exitCode];
    if (meaning) throw exitError(answer.exitCode, meaning, name);
    if (format) return format.read(answer, request, { source: name, now: clock.now() });
    if (answer.exitCode !== 0) throw exitError(answer.exitCode, undefined, name);
    return parseOutput(answer.stdout, options as FromCommandOptions, name, startedAt);
  }

  const provider: Provider<unknown> = {
    name,
    interactive,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      try {
        return await run(signal ? AbortSignal.any([signal, inUse.signal]) : inUse.signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw isAuthError(error) ? error : toAuthError(error, name);
      }
    },
    async [Symbol.asyncDispose]() {
      inUse.abort(
        new AuthError("ERR_AUTH_UNAVAILABLE", "disposed", `${name}: was disposed while it ran.`, {
          provider: name,
        }),
      );
      inUse = new AbortController();
    },
  };
  return kept(provider, ttlMs, clock);
}

/** `C:\tools\op.exe` is `op`. */
function programName([program = ""]: readonly string[]): string {
  return basename(program)
    .replace(/\.(?:exe|com)$/i, "")
    .replace(/\p{C}/gu, "�")
    .slice(0, 200);
}
