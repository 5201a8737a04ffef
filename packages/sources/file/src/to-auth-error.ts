import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";

type Row = readonly [code: AuthErrorCode, reason: string, advice: string];

const gone: Row = ["ERR_AUTH_NOT_FOUND", "no-file", "is not there. Create it, or mend the path"];
const closed: Row = ["ERR_AUTH_DENIED", "unreadable", "may not be read by this user. Change who may read it"];
const odd: Row = ["ERR_AUTH_INVALID", "not-a-file", "is not a regular file. Name one"];

const table: Readonly<Record<string, Row>> = {
  ENOENT: gone,
  ENOTDIR: gone,
  EACCES: closed,
  EPERM: closed,
  EISDIR: odd,
  ENXIO: odd,
  ENODEV: odd,
  ELOOP: ["ERR_AUTH_INVALID", "not-a-file", "is a symbolic link that leads nowhere. Mend the link"],
  ENAMETOOLONG: ["ERR_AUTH_INVALID", "not-a-file", "is too long a path. Mend it"],
};

const other: Row = [
  "ERR_AUTH_UNREACHABLE",
  "read-failed",
  "could not be read. Try again, or look at its disk",
];

/** What the file system says, in our words. Its own message is dropped; its code stays in the cause. */
export function toAuthError(error: unknown, path: string, source: string): AuthError {
  if (isAuthError(error)) return error;
  const [code, reason, advice] = table[(error as NodeJS.ErrnoException | null)?.code ?? ""] ?? other;
  return new AuthError(code, reason, `${source}: ${path} ${advice}.`, { provider: source, cause: error });
}
