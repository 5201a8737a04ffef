import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { AuthError } from "@auth/core";
import { patiently } from "./patiently.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/**
 * How a lock lies on disk. Its state is a chain of files, and it changes only by the exclusive creation of the next one, so
 * that of two who want to change the same state one succeeds and the other learns of it:
 *
 *     tokens.json.lock            somebody holds it: nonce A, and who that is
 *     tokens.json.lock.A.1        A again, or empty: A has frozen it, for what must not be interrupted
 *     tokens.json.lock.A.2        B took it over from there: nonce B, and who that is
 *
 * - To take a free lock is to create the first file; to take one over, the file after the last.
 * - To freeze is to add one's own file again, which takes no room on the disk; to let go is to freeze and then to remove the first file, and after it the rest.
 *
 * Each file appears complete (by `link`, or empty at the exit of a process), so a process killed anywhere leaves a state that says whose it is. A
 * name holds the nonce of what it follows, and no nonce comes twice: whoever judged a chain that has gone meanwhile adds to
 * it in vain, and notices by the first file, which is removed first and never comes back with the same nonce.
 */
export interface Chain {
  /** What the first file is told by. */
  readonly root: string;
  /** The name whose creation is the next change. */
  readonly next: string;
  readonly files: readonly string[];
  readonly ids: ReadonlySet<string>;
  /** Undefined: the last one to take it is unknown, because its file was damaged. */
  readonly holder: LockHolder | undefined;
  /** The holder is at work that must not be interrupted, or is just letting go. */
  readonly frozen: boolean;
  /** The holder's last sign of life, by its wall clock. */
  readonly seenAt: number;
}

export interface LockHolder extends ProcessIdentity {
  readonly nonce: string;
  /** For people. */
  readonly host: string;
  /** When it took the lock, by its wall clock. */
  readonly since: number;
}

export interface LockFile {
  /** The holder's nonce, or for a damaged file something else that no other file has. */
  readonly id: string;
  readonly holder: LockHolder | undefined;
  readonly modifiedAt: number;
}

export const successor = (lock: string, id: string, nth: number): string => `${lock}.${id}.${nth}`;

/** The state of a lock; undefined if it is free. */
export async function readChain(system: System, lock: string): Promise<Chain | undefined> {
  const root = await readLockFile(system, lock);
  if (!root) return undefined;
  const files = [lock];
  const ids = new Set([root.id]);
  let taken = root;
  for (let frozen = 0; ; ) {
    const next = successor(lock, taken.id, frozen + 1);
    const file = await readLockFile(system, next);
    if (!file) {
      const { holder, modifiedAt: seenAt } = taken;
      return { root: root.id, next, files, ids, holder, frozen: frozen > 0, seenAt };
    }
    files.push(next);
    frozen += 1;
    if (file.holder && !ids.has(file.id)) {
      taken = file;
      ids.add(file.id);
      frozen = 0;
    }
  }
}

const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export async function readLockFile(system: System, path: string): Promise<LockFile | undefined> {
  let file: FileHandle;
  try {
    file = await patiently(system, () => system.fs.open(path, flags));
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw notALock(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const holder = parseHolder(buffer.toString("utf8", 0, bytesRead));
    // A damaged file is never touched again, so its time tells it from another one.
    const id = holder?.nonce ?? `x${stats.ino}-${Math.trunc(stats.mtimeMs)}`;
    return { id, holder, modifiedAt: stats.mtimeMs };
  } finally {
    await file.close();
  }
}

export function formatHolder(holder: LockHolder): string {
  return `${JSON.stringify({ ...holder, since: new Date(holder.since) })}\n`;
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const { nonce, pid, started, space, host, since } = JSON.parse(text) as Record<string, unknown>;
    const at = Date.parse(String(since));
    const fits =
      [nonce, started, space, host].every((each) => typeof each === "string") &&
      /^[0-9a-f]{32}$/.test(String(nonce)) &&
      Number.isSafeInteger(pid) &&
      Number(pid) > 0 && // `kill` takes 0 and less for whole groups
      !Number.isNaN(at);
    return fits
      ? {
          nonce: String(nonce),
          pid: Number(pid),
          started: String(started),
          space: String(space),
          host: String(host)
            .replace(/[^\w.-]/g, "?")
            .slice(0, 100),
          since: at,
        }
      : undefined;
  } catch {
    return undefined;
  }
}

function notALock(path: string): AuthError {
  const text = `${path} is in the way: it is no regular file, and a lock belongs there. Move it away.`;
  return new AuthError("ERR_AUTH_INVALID", "unsafe-path", text);
}
