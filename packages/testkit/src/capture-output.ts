import { AsyncLocalStorage } from "node:async_hooks";
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
 * Runs `work` and holds back what it writes meanwhile to standard output and standard error, `console` included: it, and all
 * that it sets going. What others write is let through, such as the test framework, which reports a case while the next one
 * runs. One at a time.
 *
 * @example
 * ```ts
 * const { stdout, stderr } = await captureOutput(() => main(["status"]));
 * secret.check(stdout, stderr);
 * ```
 */
export async function captureOutput<T>(work: () => T | Promise<T>): Promise<Captured<T>> {
  const mine = new AsyncLocalStorage<true>();
  const stdout = collector();
  const stderr = collector();
  // Test frameworks put a console of their own in place, which does not write to the process's streams.
  const own = new Console({ stdout: stdout.stream, stderr: stderr.stream });
  const divert = <K extends string, F extends (...args: never[]) => unknown>(
    owner: Record<K, F>,
    name: K,
    ours: F,
  ): (() => void) => {
    const before = owner[name];
    owner[name] = function (this: unknown, ...args: Parameters<F>): unknown {
      return Reflect.apply(mine.getStore() ? ours : before, this, args);
    } as F;
    return () => {
      owner[name] = before;
    };
  };
  const undo = [
    divert(process.stdout, "write", stdout.write),
    divert(process.stderr, "write", stderr.write),
    ...methods.map((method) => divert(console, method, own[method].bind(own))),
  ];
  try {
    const result = await mine.run(true, async () => work());
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
