import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";
import { inMessageOf } from "./default-path.ts";

interface Meaning {
  readonly code: AuthErrorCode;
  /** Absent: what was being done says it. */
  readonly reason?: string;
  readonly says: string;
}

const unreachable = (says: string): Meaning => ({ code: "ERR_AUTH_UNREACHABLE", says });
const denied = (reason: string, says: string): Meaning => ({ code: "ERR_AUTH_DENIED", reason, says });
const invalid = (reason: string, says: string): Meaning => ({ code: "ERR_AUTH_INVALID", reason, says });
const odd = invalid("not-a-file", "it is no regular file. Choose another path");
const unfit: Meaning = {
  code: "ERR_AUTH_UNAVAILABLE",
  reason: "unsupported-file-system",
  says: "this file system lacks what safe replacing and locking need (hard links). Choose a path on another one",
};

const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: unreachable("the disk is full. Free some space and try again"),
  EDQUOT: unreachable("the disk quota is used up. Free some space and try again"),
  EFBIG: unreachable("the system's limit on file sizes is too low. Raise it and try again"),
  EIO: unreachable("the disk reported a failure. Check it and try again"),
  EMFILE: unreachable("too many files are open. Close some and try again"),
  ENFILE: unreachable("too many files are open. Close some and try again"),
  ENOMEM: unreachable("the system is out of memory. Try again"),
  EBUSY: unreachable("another program holds it. Try again"),
  ENOENT: unreachable("its folder was taken away meanwhile. Try again"),
  EACCES: denied("permission-denied", "this user may not do that. Check who owns the file and its folder"),
  EPERM: denied("permission-denied", "the system does not allow it. Check for immutable files and policies"),
  EROFS: denied("read-only", "the file system is read-only. Choose a path that can be written"),
  ELOOP: invalid("unsafe-path", "it is a symbolic link. Give the path it leads to"),
  EISDIR: odd,
  ENXIO: odd,
  ENODEV: odd,
  ENOTDIR: invalid("not-a-file", "a part of the path is no folder. Choose another path"),
  ENAMETOOLONG: invalid("not-a-file", "the path is too long. Choose a shorter one"),
  ENOTSUP: unfit,
  EOPNOTSUPP: unfit,
  ENOSYS: unfit,
};

const other = unreachable("the system refused. Try again");

/** Which act failed, and on which file. */
export interface Failed {
  readonly name: string;
  readonly doing: "read" | "save" | "lock";
  readonly path: string;
}

/** Makes one of our errors of a failed system call; an error that is ours already stays itself. */
export function toAuthError(thrown: unknown, { name, doing, path }: Failed): AuthError {
  if (isAuthError(thrown)) return thrown;
  const code = String((thrown as { code?: unknown } | null)?.code);
  const meaning = Object.hasOwn(meanings, code) ? (meanings[code] ?? other) : other;
  const reason = meaning.reason ?? (doing === "read" ? "store-unavailable" : "save-failed");
  return new AuthError(
    meaning.code,
    reason,
    `${name}: cannot ${doing} ${inMessageOf(name, path)}: ${meaning.says}.`,
    {
      provider: name,
      cause: thrown,
    },
  );
}

/** True for a system error with one of these codes. */
export function failedWith(thrown: unknown, ...codes: readonly string[]): boolean {
  return thrown instanceof Error && codes.includes(String((thrown as NodeJS.ErrnoException).code));
}
