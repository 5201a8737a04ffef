import { type ChildProcess, spawn } from "node:child_process";
import { AuthError, type Clock } from "@auth/core";
import { endTree } from "./end-tree.ts";
import { toAuthError } from "./to-auth-error.ts";

/** A program that was found, and everything that is settled about its run. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Written to its standard input; without it there is none, unless the program is interactive. */
  readonly stdin: string | undefined;
  /** It may use the terminal: standard input and error are ours, and Ctrl-C reaches it. */
  readonly interactive: boolean;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxStderrBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly source: string;
}

/** What a program answered. */
export interface ProgramAnswer {
  readonly exitCode: number;
  /** As it came, up to `maxBytes`: check it before you believe it. */
  readonly stdout: Uint8Array;
}

/** How long its output is still read after it has ended: something that it left running may keep the pipe open. */
const lingerMs = 1_000;

/**
 * Runs a program without a shell, and ends it with all that it started when time, output or the caller's patience is over
 * (SEC-108). What it says on standard error is counted and dropped.
 */
export async function runFile(program: Program): Promise<ProgramAnswer> {
  const { source, signal, clock, timeoutMs, maxBytes, maxStderrBytes } = program;
  const { onExit } = await import("signal-exit"); // an import of ours leaves nothing behind, this one does (SEC-136)
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<ProgramAnswer>();
  const over = new AbortController();
  const after = (ms: number, work: () => void): void =>
    void clock.sleep(ms, { signal: over.signal }).then(work, () => {});

  // A group of its own can be ended as a whole. Only without the terminal: in another session, Ctrl-C does not arrive.
  const leadsGroup = !program.interactive && process.platform !== "win32";
  const child = start(program, leadsGroup);
  const end = (error: unknown): void => {
    endTree(child, leadsGroup);
    reject(error);
  };
  const leave = (): void => end(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  const forget = onExit(() => endTree(child, leadsGroup)); // nothing stays behind when this process ends (SEC-66)

  const limit = (stream: "stdout" | "stderr", bytes: number): Buffer[] => {
    const chunks: Buffer[] = [];
    let size = 0;
    child[stream]?.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytes) end(tooMuch(source, stream, bytes));
      else if (stream === "stdout") chunks.push(chunk);
    });
    return chunks;
  };
  const chunks = limit("stdout", maxBytes);
  limit("stderr", maxStderrBytes);

  const finish = (exitCode: number | null): void => {
    if (exitCode === null) reject(ended(source));
    else resolve({ exitCode, stdout: Buffer.concat(chunks) });
  };
  child.on("error", (error) => end(toAuthError(error, source)));
  child.on("exit", (exitCode) => after(lingerMs, () => finish(exitCode)));
  child.on("close", finish);
  after(timeoutMs, () => end(late(source, timeoutMs)));
  // A program may answer without having read its input; what then fails to be written is not missed.
  child.stdin?.on("error", () => {}).end(program.stdin);

  try {
    return await promise;
  } finally {
    over.abort();
    forget();
    signal.removeEventListener("abort", leave);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function start(
  { file, args, cwd, env, stdin, interactive, source }: Program,
  detached: boolean,
): ChildProcess {
  const input = stdin !== undefined ? "pipe" : interactive ? "inherit" : "ignore";
  try {
    return spawn(file, args, {
      cwd,
      env,
      detached,
      shell: false,
      stdio: [input, "pipe", interactive ? "inherit" : "pipe"],
      windowsHide: !interactive,
    });
  } catch (error) {
    throw toAuthError(error, source);
  }
}

function tooMuch(source: string, stream: "stdout" | "stderr", bytes: number): AuthError {
  const where = stream === "stdout" ? "standard output" : "standard error";
  return new AuthError(
    "ERR_AUTH_INVALID",
    "helper-failed",
    `${source}: wrote more than ${bytes} bytes to ${where} and was ended. Is it the right command?`,
    { provider: source },
  );
}

function late(source: string, timeoutMs: number): AuthError {
  return new AuthError(
    "ERR_AUTH_UNREACHABLE",
    "timeout",
    `${source}: did not answer within ${timeoutMs} ms and was ended. Does it wait for a person? Then say \`interactive\`.`,
    { provider: source },
  );
}

function ended(source: string): AuthError {
  return new AuthError(
    "ERR_AUTH_INVALID",
    "helper-failed",
    `${source}: was ended by a signal. Run it in a terminal to see why.`,
    { provider: source },
  );
}
