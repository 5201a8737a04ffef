import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

/** The processes that `parent` asks the keychain with. */
export function askers(parent: number = process.pid): number[] {
  const threads = readdirSync(`/proc/${parent}/task`);
  const children = threads.flatMap((thread) =>
    readFileSync(`/proc/${parent}/task/${thread}/children`, "utf8").trim().split(" "),
  );
  return children.map(Number).filter((pid) => pid > 0 && argumentsOf(pid).includes("keychain-process"));
}

export const argumentsOf = (pid: number): string => look(pid, "cmdline") ?? "";
export const hasLoaded = (pid: number, library: string): boolean =>
  look(pid, "maps")?.includes(library) === true;
/** Ended, though nobody may be there to collect it. */
export const isGone = (pid: number): boolean => / [ZX] /.test(look(pid, "stat") ?? " X ");

function look(pid: number, at: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${at}`, "utf8");
  } catch {
    return undefined;
  }
}

/** Resolves when it is so; a test that waits for ever fails by its own limit. */
export async function until(so: () => boolean): Promise<void> {
  while (!so()) await turn();
}
