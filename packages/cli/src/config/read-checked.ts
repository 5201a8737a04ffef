import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { AuthError } from "@auth/core";

/** L14 */
const limit = 1_048_576;

export interface Checks {
  /** `file.json`, as messages call it. */
  readonly name: string;
  /** Refuse a file that others can write: whoever can write it says where secrets go. */
  readonly private: boolean;
}

/**
 * The text of a configuration file; `undefined` if there is none. What is checked is the opened file (SEC-73): regular, ours or
 * root's, at most 1 MiB. Errors: `ERR_AUTH_INVALID/unsafe-permissions`, `/not-a-file`, `/config`, `ERR_AUTH_DENIED/unreadable`.
 */
export async function readChecked(path: string, checks: Checks): Promise<string | undefined> {
  const invalid = (reason: string, problem: string): AuthError =>
    new AuthError("ERR_AUTH_INVALID", reason, `${checks.name} ${path} ${problem}`);
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const { uid, mode, size, isFile } = await file.stat().then((stats) => ({
        uid: stats.uid,
        mode: stats.mode,
        size: stats.size,
        isFile: stats.isFile(),
      }));
      if (!isFile) throw invalid("not-a-file", "is not a regular file.");
      const user = process.geteuid?.();
      if (user !== undefined && uid !== user && uid !== 0)
        throw invalid("unsafe-permissions", `belongs to user ${uid}. Make it yours: chown ${user} '${path}'`);
      if (user !== undefined && checks.private && (mode & 0o022) !== 0)
        throw invalid(
          "unsafe-permissions",
          `can be written by others (mode ${(mode & 0o777).toString(8)}). Close it: chmod go-w '${path}'`,
        );
      if (size > limit) throw invalid("config", "is larger than 1 MiB.");
      return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TypeError) throw invalid("config", "is not UTF-8 text.");
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES" || code === "EPERM")
      throw new AuthError("ERR_AUTH_DENIED", "unreadable", `${checks.name} ${path} may not be read by you.`, {
        cause: error,
      });
    if (code === "EISDIR") throw invalid("not-a-file", "is not a regular file.");
    throw error;
  }
}
