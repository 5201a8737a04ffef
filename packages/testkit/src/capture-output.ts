import { Console } from "node:console";
import { Writable } from "node:stream";

/** What was written while `work` ran. */
export interface Captured<T> {
  readonly result: T;
  readonly stdout: string;
  readonly stderr: string;
}

const methods = ["log", "info", "debug", "warn", "error", "trace", "dir", "table"] as const;

/**
 * Runs `work` and holds back what this process writes to standard output and standard error meanwhile, `console` included.
 * One at a time.
 *
 * @example
 * ```ts
 * const { stdout, stderr } = await captureOutput(() => main(["status"]));
 * secret.check(stdout, stderr);
 * ```
 */
export async function captureOutput<T>(work: () => T | Promise<T>): Promise<Captured<T>> {
  const stdout = collector();
  const stderr = collector();
  // Test frameworks put a console of their own in place, which does not write to the process's streams.
  const own = new Console({ stdout: stdout.stream, stderr: stderr.stream });
  const undo = [
    replace(process.stdout, "write", stdout.write),
    replace(process.stderr, "write", stderr.write),
    ...methods.map((method) => replace(console, method, own[method].bind(own))),
  ];
  try {
    const result = await work();
    return { result, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const step of undo) step();
  }
}

function collector(): { stream: Writable; write: typeof process.stdout.write; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, write: stream.write.bind(stream), text: () => Buffer.concat(chunks).toString() };
}

function replace<T, K extends keyof T>(owner: T, name: K, value: T[K]): () => void {
  const before = owner[name];
  owner[name] = value;
  return () => {
    owner[name] = before;
  };
}
