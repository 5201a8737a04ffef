import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import type { Script } from "./bundle-script.ts";
import type { Order, Reply } from "./kill-child.ts";

/** No call takes that long: who does not answer hangs. */
const patienceMs = 60_000;

/** One real process that asks for tokens when it is told to. */
export class Victim {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;

  constructor(script: Script, options: ForkOptions = {}) {
    const env = { PATH: process.env["PATH"], ...script.env };
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
    const limit = AbortSignal.timeout(patienceMs);
    const reply = once(this.#child, "message", { signal: AbortSignal.any([left.signal, limit]) });
    try {
      const first = await Promise.race([reply, this.#ended.then(() => undefined)]);
      return first?.[0] as Reply | undefined;
    } catch (cause) {
      throw new Error(`process ${this.pid} has not answered within ${patienceMs} ms`, { cause });
    } finally {
      left.abort();
      reply.catch(() => {});
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves to the signal that ended it. */
  async end(): Promise<NodeJS.Signals | null> {
    this.signal("SIGKILL");
    const [, signal] = (await this.#ended) as [code: number | null, signal: NodeJS.Signals | null];
    return signal;
  }
}
