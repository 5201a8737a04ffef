import { AsyncLocalStorage, createHook } from "node:async_hooks";
import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { setImmediate as macrotask } from "node:timers/promises";

/** Promises, and the key operations and digests of the thread pool: they touch nothing. */
const harmless = /^(?:PROMISE|TickObject|Microtask|(?!HTTP)\w+REQUEST)$/;

/**
 * Runs `work` and lists what it set going besides promises: files, processes, sockets, name look-ups, timers, variables of the
 * environment that it read; also what its promise chains do within the next turns of the event loop. Needs `async_hooks`: Bun
 * has no more than their names, so only synchronous work and the environment are seen there.
 */
export async function sideEffects(work: () => unknown): Promise<string[]> {
  const effects = new Set<string>();
  const mine = new AsyncLocalStorage<true>();
  const hook = createHook({
    init(_id, type) {
      if (mine.getStore() && !harmless.test(type)) effects.add(type);
    },
  });
  const saw = (name: string): void => {
    if (mine.getStore()) effects.add(name);
  };
  const undo = [watchSync(saw), watchEnvironment(saw)];
  hook.enable();
  try {
    await mine.run(true, async () => work());
    for (let turn = 0; turn < 4; turn++) await macrotask();
  } finally {
    hook.disable();
    for (const step of undo) step();
  }
  return [...effects];
}

/** Synchronous work makes no async resource, so these functions are wrapped for the time being. */
function watchSync(saw: (name: string) => void): () => void {
  const undo: (() => void)[] = [];
  for (const module of [fs, childProcess] as unknown as Record<string, unknown>[]) {
    for (const [name, original] of Object.entries(module)) {
      if (typeof original !== "function" || !name.endsWith("Sync")) continue;
      module[name] = function (this: unknown, ...args: unknown[]): unknown {
        saw(name);
        return Reflect.apply(original, this, args);
      };
      undo.push(() => {
        module[name] = original;
      });
    }
  }
  syncBuiltinESMExports();
  return () => {
    for (const step of undo) step();
    syncBuiltinESMExports();
  };
}

/** Reading a variable makes nothing at all. Whoever keeps the watched environment keeps one that works like the real one. */
function watchEnvironment(saw: (name: string) => void): () => void {
  const { env } = process;
  process.env = new Proxy(env, {
    get(target, name) {
      if (typeof name === "string") saw(`process.env.${name}`);
      return Reflect.get(target, name);
    },
    has(target, name) {
      saw(`process.env.${String(name)}`);
      return Reflect.has(target, name);
    },
    ownKeys(target) {
      saw("process.env");
      return Reflect.ownKeys(target);
    },
  });
  syncBuiltinESMExports();
  return () => {
    process.env = env;
    syncBuiltinESMExports();
  };
}
