import type { FileHandle } from "node:fs/promises";
import * as real from "node:fs/promises";
import type { Files } from "../../src/system.ts";

/** One call of the file system: `rename`, or `handle.write` for those of an open file. */
export interface Step {
  readonly name: string;
  readonly args: readonly unknown[];
  /** The path that was given, or that the file was opened by. */
  readonly path: string;
}

export interface Hooks {
  /** What it throws, the call fails with. */
  readonly before?: (step: Step) => unknown;
  /** Of what became of the call: what it resolved to, or nothing. */
  readonly after?: (step: Step, result: unknown) => void;
}

/** A file system, the real one by default, with hooks around each call. */
export function steppingFiles(hooks: Hooks["before"] | Hooks, files: Files = real): Files {
  const { before, after } = typeof hooks === "function" ? { before: hooks } : (hooks ?? {});
  const wrap = <T extends object>(target: T, prefix: string, from?: string): T =>
    new Proxy(target, {
      get(_, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (typeof value !== "function" || typeof property !== "string") return value;
        return async (...args: unknown[]) => {
          const step: Step = { name: prefix + property, args, path: from ?? String(args[0]) };
          await before?.(step);
          let result: unknown;
          try {
            result = await Reflect.apply(value, target, args);
          } finally {
            after?.(step, result);
          }
          return property === "open" ? wrap(result as FileHandle, "handle.", step.path) : result;
        };
      },
    });
  return wrap<Files>({ ...files }, "");
}

/** An error as the system makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no message of the system is shown`), { code, syscall: "test" });
}
