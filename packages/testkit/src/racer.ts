/** One of the processes that `raceProcesses` started. */
export interface Racer {
  /** Counts from 0. */
  readonly index: number;
  /** What `raceProcesses` was given as `input`. */
  readonly input: unknown;
  /** Says that this process is ready, and waits until all are. May be called again, for further rounds. */
  readonly barrier: () => Promise<void>;
  /** Sends one line of result. */
  readonly report: (value: unknown) => void;
}

/**
 * For the script that `raceProcesses` starts: its place in the race.
 *
 * @example
 * ```ts
 * const { barrier, report } = racer();
 * const auth = createAuth({ … });
 * await barrier();
 * report({ token: (await auth.getToken()).id });
 * ```
 */
export function racer(): Racer {
  const { index, input } = JSON.parse(process.env["TESTKIT_RACER"] ?? "{}") as {
    index?: number;
    input?: unknown;
  };
  if (index === undefined) throw new Error("racer: this script is to be started by raceProcesses");
  const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const waiting: (() => void)[] = [];
  process.stdin.on("data", () => {
    process.stdin.pause();
    process.stdin.unref(); // whoever does not wait at a barrier may end
    for (const go of waiting.splice(0)) go();
  });
  process.stdin.pause();
  return {
    index,
    input,
    barrier: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        process.stdin.ref();
        process.stdin.resume();
        say({ racer: "ready" });
      }),
    report: (value) => say({ racer: "report", value }),
  };
}
