import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface RaceOptions {
  /** The module that every process runs; it begins with `racer()`. */
  readonly script: string | URL;
  readonly count: number;
  /** What every racer finds as `input`: a JSON value. */
  readonly input?: unknown;
  /** Environment of the processes, besides PATH and what the system needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node for them. Default: those of this process. */
  readonly execArgv?: readonly string[];
  /** After so long, what still runs is killed. Default 60000 ms. */
  readonly timeoutMs?: number;
  /** Runs when all wait at a barrier, before they are let go; `round` counts from 0. */
  readonly onBarrier?: (round: number) => unknown;
}

/** What became of one process. */
export interface RaceResult {
  readonly index: number;
  readonly reports: readonly unknown[];
  /** Everything else it wrote. */
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; null if it was killed. */
  readonly code: number | null;
  readonly timedOut: boolean;
}

const inherited = ["PATH", "Path", "SystemRoot", "TEMP", "TMP", "TMPDIR"];

/**
 * Starts `count` real Node processes, lets them go from a common barrier, and collects what they report. None is left
 * behind, whatever happens.
 *
 * @example
 * ```ts
 * const results = await raceProcesses({ script: new URL("refresh.ts", import.meta.url), count: 16 });
 * ```
 */
export async function raceProcesses(options: RaceOptions): Promise<RaceResult[]> {
  const {
    script,
    count,
    input,
    env = {},
    execArgv = process.execArgv,
    timeoutMs = 60_000,
    onBarrier,
  } = options;
  if (!(count >= 1)) throw new TypeError("raceProcesses: count must be 1 or more");
  const path = script instanceof URL ? fileURLToPath(script) : script;
  const system = Object.fromEntries(
    inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );

  const running = new Set<ChildProcessWithoutNullStreams>();
  const ready = new Set<ChildProcessWithoutNullStreams>();
  let round = 0;
  let timedOut = false;
  let failure: unknown;

  const killAll = (): void => {
    for (const child of running) child.kill("SIGKILL");
  };

  /** Lets everybody go if nobody is missing; those that ended are not waited for. */
  async function release(): Promise<void> {
    if (ready.size === 0 || ready.size < running.size) return;
    const all = [...ready];
    ready.clear();
    try {
      await onBarrier?.(round++);
      for (const child of all) child.stdin.write("go\n");
    } catch (error) {
      failure = error;
      killAll();
    }
  }

  async function run(index: number): Promise<RaceResult> {
    const child = spawn(process.execPath, [...execArgv, path], {
      env: { ...system, ...env, TESTKIT_RACER: JSON.stringify({ index, input }) },
    });
    running.add(child);
    child.stdin.on("error", () => {}); // it has ended
    const reports: unknown[] = [];
    let stdout = "";
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const message = parse(line);
      if (message?.racer === "report") reports.push(message.value);
      else if (message?.racer === "ready") {
        ready.add(child);
        void release();
      } else stdout += `${line}\n`;
    });
    try {
      const [code] = (await once(child, "close")) as [number | null];
      return { index, reports, stdout, stderr, code, timedOut: timedOut && code === null };
    } finally {
      running.delete(child);
      ready.delete(child);
      void release();
    }
  }

  const limit = setTimeout(() => {
    timedOut = true;
    killAll();
  }, timeoutMs);
  process.on("exit", killAll);
  try {
    const results = await Promise.all(Array.from({ length: count }, (_, index) => run(index)));
    if (failure !== undefined) throw failure;
    return results;
  } finally {
    clearTimeout(limit);
    process.off("exit", killAll);
    killAll();
  }
}

function parse(line: string): { racer?: string; value?: unknown } | undefined {
  try {
    return Object(JSON.parse(line)) as { racer?: string; value?: unknown };
  } catch {
    return undefined;
  }
}
