import type { ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import type { Clock } from "@auth/core";
import { askerScript } from "./asker-script.ts";
import type { Ask, BackendName, LinuxStore } from "./backends.ts";
import { childEnvironment } from "./child-environment.ts";

/** A keychain that can be asked. */
export interface Asker {
  readonly ask: Ask;
  /** Gives up on whatever was asked; what is asked next is asked anew. */
  end(): void;
}

interface Running {
  readonly child: ChildProcess;
  readonly pending: Map<number, PromiseWithResolvers<unknown>>;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly code: string };
}

/** Long enough for a renewal's next step, in ms. */
const idleMs = 5_000;

/**
 * Asks in a process of its own, which is started when it is needed and ended when it is not: a call to a keychain cannot be
 * interrupted, may block, and has been seen to crash.
 */
export function askInChild(backend: BackendName, store: LinuxStore, clock: Clock): Asker {
  let running: Running | undefined;
  let asked = 0;
  let rest: AbortController | undefined;

  function start(): Running {
    const script = askerScript();
    // Not at the import of this package, which many programs load and few use.
    const { spawn } = process.getBuiltinModule("node:child_process");
    const child = spawn(process.execPath, [script, backend, store], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: childEnvironment(process.env),
      cwd: dirname(script), // not the current folder: it may be gone, or hold configuration that Bun would obey
      windowsHide: true,
    });
    const mine: Running = { child, pending: new Map() };
    const over = (error: Error): void => {
      if (running === mine) running = undefined;
      for (const { reject } of mine.pending.values()) reject(error);
      mine.pending.clear();
    };
    child.on("message", ({ id, value, error }: Answer) => {
      const asker = mine.pending.get(id);
      mine.pending.delete(id);
      if (mine.pending.size === 0) doze(mine);
      if (error) asker?.reject(Object.assign(new Error(error.message), { code: error.code }));
      else asker?.resolve(value);
    });
    child.on("error", over);
    child.on("exit", () => over(Object.assign(new Error("it died"), { code: "ERR_CHILD_DIED" })));
    return mine;
  }

  /** With nothing to do it keeps no program alive, and ends by itself. */
  function doze({ child }: Running): void {
    child.unref();
    child.channel?.unref?.(); // Bun's has neither: it follows the child
    rest = new AbortController();
    void clock.sleep(idleMs, { signal: rest.signal, background: true }).then(end, () => {});
  }

  function end(): void {
    rest?.abort();
    running?.child.kill("SIGKILL");
    running = undefined;
  }

  return {
    async ask(call) {
      rest?.abort();
      running ??= start();
      const { child, pending } = running;
      child.ref();
      child.channel?.ref?.();
      const id = asked++;
      const answer = Promise.withResolvers<unknown>();
      pending.set(id, answer);
      child.send({ id, call }, (error) => {
        if (error) answer.reject(error);
      });
      return answer.promise;
    },
    end,
  };
}
