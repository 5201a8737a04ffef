import { dirname } from "node:path";
import type { Lease, Lock } from "@auth/core";
import { acquireLock, type HeldLock } from "./acquire-lock.ts";
import type { LockLimits } from "./lock-verdict.ts";
import { makePrivateDirectory, type Trust } from "./private-directory.ts";
import type { System } from "./system.ts";
import { sweepTemporaryFiles, unlinkIfThere } from "./temporary-file.ts";
import { toAuthError } from "./to-auth-error.ts";
import { Turns } from "./turns.ts";

export interface LockPlace {
  /** The lock's file for a key, absolute. */
  readonly fileOf: (key: string) => string;
  /** What the names of temporary files begin with that may be left over beside that lock. Default: the lock's own. */
  readonly sweep?: (key: string) => string;
}

/** A lock whose lease can always note that something is sent. */
export interface FileLock extends Lock {
  withLock<T>(
    key: string,
    work: (lease: Required<Lease>) => Promise<T>,
    options?: { readonly signal?: AbortSignal; readonly waitMs?: number },
  ): Promise<T>;
}

export function createLock(system: System, place: LockPlace, trust: Trust, limits: LockLimits): FileLock {
  const turns = new Turns(system.clock, trust.name);
  const swept = new Set<string>();

  async function acquire(lock: string, waitMs: number, signal: AbortSignal | undefined): Promise<HeldLock> {
    try {
      await makePrivateDirectory(system, dirname(lock), trust);
      return await acquireLock(system, lock, { name: trust.name, limits, waitMs, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw toAuthError(error, { name: trust.name, doing: "lock", path: lock });
    }
  }

  async function sweep({ claim }: HeldLock, lock: string, key: string): Promise<void> {
    const names = await system.fs.readdir(dirname(lock));
    for (const file of await claim.garbage(names)) await unlinkIfThere(system, file);
    await sweepTemporaryFiles(system, dirname(lock), names, place.sweep?.(key) ?? lock);
  }

  return {
    async withLock(key, work, { signal, waitMs = 30_000 } = {}) {
      signal?.throwIfAborted();
      const { clock } = system;
      const startedAt = clock.monotonic();
      const lock = place.fileOf(key);
      const leave = await turns.wait(lock, waitMs, signal);
      try {
        const held = await acquire(lock, Math.max(0, waitMs - (clock.monotonic() - startedAt)), signal);
        // Once is enough, unless somebody has just died here. It may take as long as it likes: it needs no lock.
        const cleaned =
          held.takenOver || !swept.has(lock) ? sweep(held, lock, key).catch(() => {}) : undefined;
        swept.add(lock);
        try {
          signal?.throwIfAborted();
          return await work(held.lease);
        } finally {
          await held.release();
          await cleaned;
        }
      } finally {
        leave();
      }
    },
  };
}
