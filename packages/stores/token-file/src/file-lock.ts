import { join } from "node:path";
import type { Lock } from "@auth/core";
import { createLock } from "./create-lock.ts";
import { checkOptions, checkPath, locate } from "./default-path.ts";
import { digestOf } from "./digest-of.ts";
import { type LockOptions, lockLimits } from "./lock-options.ts";
import { realSystem } from "./system.ts";

export interface FileLockOptions extends LockOptions {
  /** Folder for the lock files, made if it is not there; `~/` is the home directory. All who share the login name the same one. */
  readonly directory: string;
}

/**
 * A lock between processes, threads and instances, for a store that has none: one file for each key, in a folder of its own.
 * It is free again when its holder has died, wherever that was; a holder that is alive keeps it once it has sent a refresh
 * token (SEC-78).
 *
 * Errors of `withLock`: `ERR_AUTH_UNREACHABLE/lock-timeout` naming the holder, `ERR_AUTH_INVALID/unsafe-path`,
 * `ERR_AUTH_DENIED` or `ERR_AUTH_UNREACHABLE/save-failed` if the folder cannot be written. The lease's signal aborts with
 * `ERR_AUTH_UNREACHABLE/lock-lost`.
 *
 * @example
 * ```ts
 * const store = locked(keychainStore({ service: "acme" }), fileLock({ directory: "~/.local/state/acme" }));
 * ```
 */
export function fileLock(options: FileLockOptions): Lock {
  checkOptions("fileLock", options, '{ directory: "~/.local/state/acme" }');
  const { directory, allowUnsafePermissions = false } = options;
  checkPath("fileLock", "directory", directory);
  const limits = lockLimits("fileLock", options);
  const folder = locate({ path: directory }, "file lock");
  const fileOf = (key: string): string => join(folder(), `${digestOf(key)}.lock`);
  const trust = { name: "file lock", allowUnsafePermissions };
  return createLock(realSystem(options.clock), { fileOf }, trust, limits);
}
