import type { Stats } from "node:fs";
import { dirname, win32 } from "node:path";
import { AuthError } from "@auth/core";
import { homeDirectory } from "@auth/core/home";
import { printable } from "./default-path.ts";
import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/** What is not as it should be, and was put up with. */
export interface FileWarning {
  readonly reason: "unsafe-permissions";
  /** For a person: which file, what is wrong, and what mends it. */
  readonly message: string;
  readonly path: string;
}

/** How much of what others may do is put up with. */
export interface Trust {
  /** Name of the store, for messages. */
  readonly name: string;
  readonly allowUnsafePermissions: boolean;
  /** A file that is only read may also be root's: an administrator put it there. */
  readonly rootMayOwn?: boolean;
  /** Told of a file that others can read but not write. Absent: it is refused. */
  readonly tolerate?: (warning: FileWarning) => void;
}

/** Makes the folder, and those above it, for this user alone from the first instant (SEC-70), or checks the present one. */
export async function makePrivateDirectory(system: System, directory: string, trust: Trust): Promise<void> {
  if (await checkPrivateDirectory(system, directory, trust)) return;
  await makeFolders(system, directory);
  await checkPrivateDirectory(system, directory, trust);
}

/** Step by step: where no folder can ever be made, as below /proc, Node's own recursion does not end. */
async function makeFolders(system: System, directory: string): Promise<void> {
  const make = (): Promise<unknown> =>
    system.fs.mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if (!failedWith(error, "EEXIST")) throw error; // somebody else was faster
    });
  try {
    await make();
  } catch (error) {
    const parent = dirname(directory);
    if (!failedWith(error, "ENOENT") || parent === directory) throw error;
    await makeFolders(system, parent);
    await make();
  }
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
  const stats = await statsOf(system, directory);
  const problem = trust.allowUnsafePermissions ? undefined : await problemOf(system, directory, stats);
  if (problem) {
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "unsafe-path",
      `${trust.name}: the folder ${printable(directory)} ${problem}`,
      {
        provider: trust.name,
      },
    );
  }
  return stats !== undefined;
}

async function statsOf({ fs }: System, directory: string): Promise<Stats | undefined> {
  try {
    return await fs.stat(directory);
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function problemOf(
  system: System,
  directory: string,
  stats: Stats | undefined,
): Promise<string | undefined> {
  const { platform, uid } = system;
  if (platform === "win32") {
    // Folders outside of the profile are open to other users by default, and modes do not tell.
    return (await isInProfile(system, directory))
      ? undefined
      : "lies outside of your user profile, where other users may read. Choose a path inside it.";
  }
  if (uid === undefined || !stats) return undefined;
  if (stats.uid !== uid && stats.uid !== 0)
    return `belongs to user id ${stats.uid}, who could replace files there. Choose a folder of your own.`;
  if (stats.mode & 0o022)
    return `can be written by others (mode ${octal(stats.mode)}). Choose a private folder, or run: chmod go-w ${quote(directory)}`;
  return undefined;
}

async function isInProfile(system: System, directory: string): Promise<boolean> {
  const inner = await realPathOf(system, directory);
  for (const place of [home(), process.env["LOCALAPPDATA"]]) {
    if (!place) continue;
    const way = win32.relative(await realPathOf(system, place), inner);
    if (!way.startsWith("..") && !win32.isAbsolute(way)) return true;
  }
  return false;
}

/** Without one, nothing lies in it. */
function home(): string | undefined {
  try {
    return homeDirectory("token-file");
  } catch {
    return undefined;
  }
}

/** On Windows a folder has several names (`RUNNER~1`); what is not there yet goes by the folder above it. */
async function realPathOf(system: System, path: string): Promise<string> {
  try {
    return await system.fs.realpath(path);
  } catch (error) {
    const above = win32.dirname(path);
    if (!failedWith(error, "ENOENT") || above === path) return path;
    return win32.join(await realPathOf(system, above), win32.basename(path));
  }
}

export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

/** For a command that a person copies. */
export function quote(path: string): string {
  return /^[\w/.,:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Says each thing once. */
export function once(tell: ((warning: FileWarning) => void) | undefined): (warning: FileWarning) => void {
  const told = new Set<string>();
  return (warning) => {
    if (told.has(warning.message)) return;
    told.add(warning.message);
    tell?.(warning);
  };
}
