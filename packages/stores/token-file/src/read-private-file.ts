import { type BigIntStats, constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { AuthError } from "@auth/core";
import { inMessageOf } from "./default-path.ts";
import { patiently } from "./patiently.ts";
import { checkPrivateDirectory, octal, quote, type Trust } from "./private-directory.ts";
import { storeCorrupted } from "./store-document.ts";
import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/** L14: no login is added beyond this. */
export const maxBytes = 1_048_576;

/** Those who are in it may be renewed all the same, and renewals may grow. */
export const mostBytes: number = 4 * maxBytes;

/** A fifo must not hold us up (SEC-75), a symbolic link not lead us astray (SEC-74). Neither flag exists on Windows. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A file that was found fit to be trusted, open. */
export interface PrivateFile {
  readonly text: string;
  /** Which file it is, whatever its name becomes. */
  readonly inode: bigint;
  /** Others can read it, which was put up with. */
  readonly wide: boolean;
  readonly handle: FileHandle;
}

/**
 * A file that only this user can read or change; undefined if there is none. Everything is checked on the opened file
 * (SEC-73), and nothing is changed. The caller closes it.
 *
 * Errors: `ERR_AUTH_INVALID/unsafe-permissions`, `/unsafe-path`, `/store-corrupted`, `/too-large`; those of the system as they are.
 */
export async function openPrivateFile(
  system: System,
  path: string,
  trust: Trust,
): Promise<PrivateFile | undefined> {
  if (!(await checkPrivateDirectory(system, dirname(path), trust))) return undefined;
  let handle: FileHandle;
  try {
    // Windows cannot be asked to open a link itself.
    if (system.platform === "win32" && (await system.fs.lstat(path)).isSymbolicLink())
      throw refused(
        "unsafe-path",
        trust,
        `${it(trust, path)} is a symbolic link. Give the path it leads to.`,
      );
    handle = await patiently(system, () => system.fs.open(path, flags));
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    const wide = checkFile(system, path, stats, trust);
    // A decoder that forgives would change what is written back.
    const text = decode(await readWhole(handle, Number(stats.size))) ?? fail(trust.name, path);
    return { text, inode: stats.ino, wide, handle };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The text of a {@link openPrivateFile}. */
export async function readPrivateFile(
  system: System,
  path: string,
  trust: Trust,
): Promise<string | undefined> {
  const file = await openPrivateFile(system, path, trust);
  await file?.handle.close();
  return file?.text;
}

/** Whoever replaces the file makes another one, so this one keeps its size: one call, unless it is written into meanwhile. */
async function readWhole(handle: FileHandle, size: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size + 1), 0, size + 1, 0);
  return buffer.subarray(0, bytesRead);
}

/** The text of an open file as it is now; undefined: it is no text. */
export async function readAgain(handle: FileHandle): Promise<string | undefined> {
  return decode(await readWhole(handle, Math.min((await handle.stat()).size, mostBytes)));
}

/** Resolves to whether others can read it, where that is put up with. */
function checkFile({ platform, uid }: System, path: string, stats: BigIntStats, trust: Trust): boolean {
  const mode = Number(stats.mode);
  const owner = Number(stats.uid);
  let wide = false;
  if (!stats.isFile())
    throw refused("not-a-file", trust, `${it(trust, path)} is not a regular file. Choose another path.`);
  if (platform !== "win32" && uid !== undefined && !trust.allowUnsafePermissions) {
    if (owner !== uid && !(trust.rootMayOwn && owner === 0))
      throw refused(
        "unsafe-permissions",
        trust,
        `${it(trust, path)} belongs to user id ${owner} (mode ${octal(mode)}), not to you. Run: sudo chown ${uid} ${quote(path)}`,
      );
    wide = (mode & 0o077) !== 0;
    const problem = `${it(trust, path)} is open to other users of this machine (mode ${octal(mode)}). Whoever could read it may have the tokens. Run: chmod 600 ${quote(path)}`;
    // Whoever can write into it chooses whose login it is: that is never put up with.
    if (wide && (mode & 0o022 || !trust.tolerate)) throw refused("unsafe-permissions", trust, problem);
    if (wide) trust.tolerate?.({ reason: "unsafe-permissions", message: `${trust.name}: ${problem}`, path });
  }
  // No damage: nobody is to move it aside, with all who are in it.
  if (stats.size > mostBytes)
    throw refused(
      "too-large",
      trust,
      `${it(trust, path)} is larger than 4 MiB. Log out of some, or choose another file.`,
    );
  return wide;
}

const it = ({ name }: Trust, path: string): string => inMessageOf(name, path);

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
