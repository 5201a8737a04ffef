import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { allDone } from "./all-done.ts";
import { hardLink } from "./hard-link.ts";
import { patiently } from "./patiently.ts";
import type { System } from "./system.ts";
import { type TemporaryFile, unlinkIfThere } from "./temporary-file.ts";
import { failedWith } from "./to-auth-error.ts";

/** Fills the file with `text` and nothing else, on the disk when this resolves. */
export async function fill({ handle, filled }: TemporaryFile, text: string): Promise<void> {
  if (filled?.text === text) return filled.done;
  await filled?.done.catch(() => {});
  const bytes = Buffer.from(text);
  // Over what is reserved, and cut off only behind it: blocks that were given back may be gone by now.
  await allDone([writeAll(handle, bytes), handle.truncate(bytes.length)]);
  await handle.sync();
}

/** All of it, from the beginning. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
}

/** Puts `temporary` in the place of `path`; readers see the old or the new one (SEC-71). Durable when this resolves. */
export async function replaceFile(
  system: System,
  temporary: TemporaryFile,
  path: string,
  folder?: FileHandle,
): Promise<void> {
  // Windows does not rename what is open; elsewhere that can wait.
  if (system.platform === "win32") await temporary.handle.close();
  await patiently(system, () => system.fs.rename(temporary.path, path));
  await syncDirectory(system, dirname(path), folder);
}

/** Puts `temporary` where nothing is; false: something is there. Durable when this resolves. */
export async function createFile(
  system: System,
  temporary: TemporaryFile,
  path: string,
  folder?: FileHandle,
): Promise<boolean> {
  try {
    await hardLink(system, temporary.path, path);
  } catch (error) {
    if (failedWith(error, "EEXIST")) return false;
    throw error;
  }
  await syncDirectory(system, dirname(path), folder);
  return true;
}

/** Durable when this resolves. */
export async function removeFile(system: System, path: string): Promise<void> {
  await unlinkIfThere(system, path);
  await syncDirectory(system, dirname(path));
}

/** Windows has no such thing, and some network file systems refuse it. */
async function syncDirectory({ fs, platform }: System, directory: string, open?: FileHandle): Promise<void> {
  if (platform === "win32") return;
  let handle: FileHandle | undefined;
  try {
    handle = open ? undefined : await fs.open(directory, constants.O_RDONLY);
    await (open ?? handle)?.sync();
  } catch (error) {
    if (!failedWith(error, "EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw error;
  } finally {
    await handle?.close();
  }
}
