import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Another process of this machine that runs one of the programs. */
export interface Child<Report> extends Disposable {
  /** It has read what it needs, and waits for `go`. */
  readonly ready: Promise<void>;
  go(): void;
  stop(): void;
  /** What it says at its end. */
  readonly report: Promise<Report>;
}

export function startChild<Report>(program: string, input: object): Child<Report> {
  const path = fileURLToPath(new URL(`../programs/${program}.ts`, import.meta.url));
  const child = fork(path, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const kill = (): void => void child.kill("SIGKILL");
  process.on("exit", kill);
  const ready = Promise.withResolvers<void>();
  const report = Promise.withResolvers<Report>();
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.on("message", (message: { readonly ready: true } | { readonly report: Report }) => {
    if ("ready" in message) ready.resolve();
    else report.resolve(message.report);
  });
  child.on("exit", (code) => {
    process.off("exit", kill);
    const error = new Error(`programs/${program}.ts ended with ${code}\n${errors}`);
    ready.reject(error);
    report.reject(error);
  });
  for (const { promise } of [ready, report]) promise.catch(() => {}); // whoever waits hears of it
  child.send({ input });
  return {
    ready: ready.promise,
    report: report.promise,
    go: () => void child.send({ go: true }),
    stop: () => void (child.connected && child.send({ stop: true })),
    [Symbol.dispose]: kill,
  };
}
