import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { onExit } from "./on-exit.ts";
import { hasEnded, type ProcessIdentity } from "./process-identity.ts";
import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/** Fails if anything has the name, a symbolic link included; for this user alone under any umask (SEC-70). */
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Older than any wait for a lock or a server: nobody is at work on it, whatever machine it came from. */
const abandonedAfterMs = 86_400_000;

/** A new, private file beside the one it is made for. Its name tells whose it is, so that nobody cleans up what lives. */
export interface TemporaryFile {
  readonly path: string;
  readonly nonce: string;
  readonly handle: FileHandle;
  /** A text that is being written into it. */
  readonly filled?: { readonly text: string; readonly done: Promise<void> };
  /** Closes it and takes its name away; harmless if the name has gone elsewhere. */
  remove(): Promise<void>;
}

/** Makes a {@link TemporaryFile} whose name begins with `path`. */
export async function makeTemporaryFile(system: System, path: string): Promise<TemporaryFile> {
  const { pid, started, space } = system.self;
  const nonce = randomBytes(16).toString("hex");
  const temporary = `${path}.${space}.${pid}.${started}.${nonce}.tmp`;
  const forget = onExit({ unlink: temporary });
  try {
    const handle = await system.fs.open(temporary, flags, 0o600);
    return {
      path: temporary,
      nonce,
      handle,
      async remove() {
        forget();
        try {
          await handle.close();
        } finally {
          await unlinkIfThere(system, temporary);
        }
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

const name = /^(.+)\.([0-9a-f]{8})\.(\d{1,10})\.(\d{1,20})\.[0-9a-f]{32}\.tmp$/;

/**
 * Removes what killed processes left behind: temporary files whose name begins with `path`, if the process in the name has
 * ended for certain, or after a day.
 */
export async function sweepTemporaryFiles(
  system: System,
  directory: string,
  names: readonly string[],
  path: string,
): Promise<void> {
  for (const each of names) {
    const [, base = "", space = "", pid, started = ""] = name.exec(each) ?? [];
    if (base !== basename(path) && !base.startsWith(`${basename(path)}.`)) continue;
    const file = join(directory, each);
    const maker: ProcessIdentity = { space, pid: Number(pid), started };
    if (await isAbandoned(system, file, maker)) await unlinkIfThere(system, file);
  }
}

async function isAbandoned(system: System, file: string, maker: ProcessIdentity): Promise<boolean> {
  const now = system.clock.now();
  if (hasEnded(maker, system.self, now, now)) return true;
  if (maker.space === system.self.space) return false;
  try {
    return Math.abs(now - (await system.fs.lstat(file)).mtimeMs) > abandonedAfterMs;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return false;
    throw error;
  }
}

export async function unlinkIfThere(system: System, path: string): Promise<void> {
  try {
    await system.fs.unlink(path);
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw error;
  }
}
