/** How a process is asked to end. */
export interface Interruption {
  /** Aborts when a person or the system asks. The second time ends the process at once. */
  readonly signal: AbortSignal;
  /** While a child runs it is the child's business. Returns how to take it back. */
  suspend(): () => void;
}

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function interruption(process: NodeJS.Process): Interruption {
  const controller = new AbortController();
  const hear = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error(name));
  };
  const listen = (): void => names.forEach((name) => void process.on(name, hear));
  listen();
  return {
    signal: controller.signal,
    suspend() {
      for (const name of names) process.off(name, hear);
      return listen;
    },
  };
}

/** A reader that has heard enough is no failure (SEC-124): `auth completion bash | head -1`. */
export function quietPipes(process: NodeJS.Process): void {
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`auth: standard output cannot be written (${error.code})\n`);
    process.exitCode = 1;
  });
}
