import type { Stats } from "node:fs";
import { homedir } from "node:os";
import { win32 } from "node:path";
import { AuthError } from "@auth/core";
import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/** How much of what others may do is put up with. */
export interface Trust {
  /** Name of the store, for messages. */
  readonly name: string;
  readonly allowUnsafePermissions: boolean;
  /** A file that is only read may also be root's: an administrator put it there. */
  readonly rootMayOwn?: boolean;
}

/** Makes the folder, and those above it, for this user alone from the first instant (SEC-70), or checks the present one. */
export async function makePrivateDirectory(system: System, directory: string, trust: Trust): Promise<void> {
  if (await checkPrivateDirectory(system, directory, trust)) return;
  await system.fs.mkdir(directory, { recursive: true, mode: 0o700 });
  await checkPrivateDirectory(system, directory, trust);
}

/**
 * Whoever can write into the folder can put another file in the place of ours (SEC-74), so that folders are refused which
 * others can write to, shared temporary ones with a sticky bit among them. Resolves to false if there is no folder.
 */
export async function checkPrivateDirectory(
  system: System,
  directory: string,
  trust: Trust,
): Promise<boolean> {
  let stats: Stats;
  try {
    stats = await system.fs.stat(directory);
  } catch (error) {
    if (failedWith(error, "ENOENT")) return false;
    throw error;
  }
  const problem = trust.allowUnsafePermissions ? undefined : directoryProblem(system, directory, stats);
  if (problem) {
    throw new AuthError("ERR_AUTH_INVALID", "unsafe-path", `${trust.name}: ${directory} ${problem}`, {
      provider: trust.name,
    });
  }
  return true;
}

function directoryProblem(system: System, directory: string, stats: Stats): string | undefined {
  const { platform, uid } = system;
  if (platform === "win32") {
    // Folders outside of the profile are open to other users by default, and modes do not tell.
    return isInside(homedir(), directory)
      ? undefined
      : "lies outside of your user profile, where other users may read. Choose a path inside it.";
  }
  if (uid === undefined) return undefined;
  if (stats.uid !== uid && stats.uid !== 0)
    return `belongs to user id ${stats.uid}, who could replace files there. Choose a folder of your own.`;
  if (stats.mode & 0o022)
    return `can be written by others (mode ${octal(stats.mode)}). Choose a private folder, or run: chmod go-w ${quote(directory)}`;
  return undefined;
}

export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

/** For a command that a person copies. */
export function quote(path: string): string {
  return /^[\w/.,:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function isInside(outer: string, inner: string): boolean {
  const way = win32.relative(outer, inner);
  return !way.startsWith("..") && !win32.isAbsolute(way);
}
