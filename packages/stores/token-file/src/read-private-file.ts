import { constants, type Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { AuthError } from "@auth/core";
import { patiently } from "./patiently.ts";
import { checkPrivateDirectory, octal, quote, type Trust } from "./private-directory.ts";
import { storeCorrupted } from "./store-document.ts";
import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/** L14. */
export const maxBytes = 1_048_576;

/** A fifo must not hold us up (SEC-75), a symbolic link not lead us astray (SEC-74). Neither flag exists on Windows. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The text of a file that only this user can read or change; undefined if there is none. Everything is checked on the
 * opened file (SEC-73), and nothing is changed.
 *
 * Errors: `ERR_AUTH_INVALID/unsafe-permissions`, `/unsafe-path`, `/store-corrupted`; those of the system as they are.
 */
export async function readPrivateFile(
  system: System,
  path: string,
  directory: string,
  trust: Trust,
): Promise<string | undefined> {
  if (!(await checkPrivateDirectory(system, directory, trust))) return undefined;
  let file: FileHandle;
  try {
    // Windows cannot be asked to open a link itself.
    if (system.platform === "win32" && (await system.fs.lstat(path)).isSymbolicLink())
      throw refused("unsafe-path", trust, `${path} is a symbolic link. Give the path it leads to.`);
    file = await patiently(system, () => system.fs.open(path, flags));
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    const stats = await file.stat();
    checkFile(system, path, stats, trust);
    // Whoever replaces the file makes another one, so this one keeps its size.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stats.size + 1), 0, stats.size + 1, 0);
    // A decoder that forgives would change what is written back.
    return decode(buffer.subarray(0, bytesRead)) ?? fail(trust.name, path);
  } finally {
    await file.close();
  }
}

function checkFile({ platform, uid }: System, path: string, stats: Stats, trust: Trust): void {
  if (!stats.isFile())
    throw refused("not-a-file", trust, `${path} is not a regular file. Choose another path.`);
  if (platform !== "win32" && uid !== undefined && !trust.allowUnsafePermissions) {
    if (stats.uid !== uid && !(trust.rootMayOwn && stats.uid === 0))
      throw refused(
        "unsafe-permissions",
        trust,
        `${path} belongs to user id ${stats.uid} (mode ${octal(stats.mode)}), not to you. Run: sudo chown ${uid} ${quote(path)}`,
      );
    if (stats.mode & 0o077)
      throw refused(
        "unsafe-permissions",
        trust,
        `${path} is open to other users of this machine (mode ${octal(stats.mode)}). Whoever could read it may have the tokens. Run: chmod 600 ${quote(path)}`,
      );
  }
  if (stats.size > maxBytes) throw storeCorrupted(trust.name, path, "is larger than 1 MiB");
}

function refused(reason: string, { name }: Trust, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${name}: ${problem}`, { provider: name });
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fail(name: string, path: string): never {
  throw storeCorrupted(name, path, "is not UTF-8 text");
}
