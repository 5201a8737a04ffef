import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { AuthError } from "@auth/core";
import { checkPermissions, type PermissionRules } from "./check-permissions.ts";
import { decodeText } from "./decode-text.ts";
import type { FileText } from "./parse-file.ts";
import { toAuthError } from "./to-auth-error.ts";

/** Something about a file that is not right, and not wrong enough to refuse it. */
export interface FileWarning {
  readonly reason: "unsafe-permissions";
  /** The file, what was found, and the command that mends it. */
  readonly message: string;
  readonly path: string;
}

export interface ReadRules extends PermissionRules {
  readonly source: string;
  readonly encoding?: "utf8" | "base64" | undefined;
  readonly maxBytes?: number | undefined;
  readonly strict?: boolean | undefined;
  readonly onWarning: (warning: FileWarning) => void;
}

/** With these, opening waits for no writer (a FIFO) and takes no terminal. Windows knows neither. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * The text of one regular file, or nothing if it is a directory. All checks are made on the opened descriptor, so that what
 * was checked is what is read (SEC-73, SEC-75). `shown` is the path as people know it.
 */
export async function readFile(
  path: string,
  rules: ReadRules,
  shown: string = printable(path),
): Promise<FileText | undefined> {
  const { encoding = "utf8", source, maxBytes = 1_048_576, strict, onWarning } = rules;
  const invalid = (reason: string, problem: string): AuthError =>
    new AuthError("ERR_AUTH_INVALID", reason, `${source}: ${problem}.`, { provider: source });
  try {
    const file = await open(path, flags);
    try {
      const stats = await file.stat();
      if (stats.isDirectory()) return undefined;
      if (!stats.isFile()) throw invalid("not-a-file", `${shown} is not a regular file. Name one`);
      const finding = checkPermissions(shown, stats, process.geteuid?.(), rules);
      if (finding && (finding.foreign || strict)) throw invalid("unsafe-permissions", finding.text);
      if (finding)
        onWarning({ reason: "unsafe-permissions", message: `${source}: ${finding.text}.`, path: shown });
      // The size that is told may be wrong: /proc says 0, and a file can grow.
      const bytes = await buffer(file.createReadStream({ start: 0, end: maxBytes, autoClose: false }));
      if (bytes.length > maxBytes)
        throw invalid("too-large", `${shown} is larger than ${maxBytes} bytes. Is it the right file?`);
      return { text: decodeText(bytes, encoding, source), version: stats.mtime.toISOString() };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toAuthError(error, shown, source);
  }
}

/** A path may hold anything; a message or a name may not (SEC-123). */
export function printable(path: string): string {
  return path.replace(/\p{C}/gu, "�");
}
