/** Says when a person or the system wants this process to end. The second time ends it at once. */
export function interruption(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Error(name));
    });
  return controller.signal;
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
