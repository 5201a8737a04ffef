import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import type { Order, Reply } from "./kill-child.ts";

/** The script of the processes that are killed, as one file: two thousand of them are to start in minutes. */
export interface Script extends AsyncDisposable {
  readonly path: string;
}

export async function bundleScript(): Promise<Script> {
  const directory = await mkdtemp(join(tmpdir(), "race-script-"));
  const build = await rolldown({
    input: fileURLToPath(new URL("kill-child.ts", import.meta.url)),
    platform: "node",
    resolve: { conditionNames: ["src", "node", "import"] },
    logLevel: "silent",
  });
  await build.write({ dir: directory, format: "esm", entryFileNames: "child.mjs" });
  await build.close();
  return {
    path: join(directory, "child.mjs"),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** One real process that asks for tokens when it is told to. */
export class Victim {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(script: Script, options: ForkOptions = {}) {
    // Compiled once, by the first of them.
    const env = { PATH: process.env["PATH"], NODE_COMPILE_CACHE: join(script.path, "../compiled") };
    this.#child = fork(script.path, [], { env, execArgv: [], ...options });
    this.#ended = once(this.#child, "exit");
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves to `undefined` if it dies of it. */
  async ask(order: Order): Promise<Reply | undefined> {
    if (!this.#child.connected) return undefined;
    this.#child.send(order);
    const left = new AbortController();
    const reply = once(this.#child, "message", { signal: left.signal });
    try {
      const first = await Promise.race([reply, this.#ended.then(() => undefined)]);
      return first?.[0] as Reply | undefined;
    } finally {
      left.abort();
      reply.catch(() => {});
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended;
  }
}
