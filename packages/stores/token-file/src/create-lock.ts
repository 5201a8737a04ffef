import { dirname } from "node:path";
import type { Lease, Lock, LockWait } from "@auth/core";
import { type AcquireOptions, acquireLock, type HeldLock, type Instead } from "./acquire-lock.ts";
import type { LockClaim } from "./lock-claim.ts";
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
  /** What a holder does that must not be interrupted, for messages. Default: it has sent a refresh token. */
  readonly busy?: string;
}

/** A lock whose lease can always note that something is sent. */
export interface FileLock extends Lock {
  withLock<T>(
    key: string,
    work: (lease: Required<Lease>) => Promise<T>,
    /** `claim`: made beforehand for the very lock, where making one now could fail or take too long. */
    options?: LockWait<T> & { readonly claim?: LockClaim | undefined },
  ): Promise<T>;
}

export function createLock(system: System, place: LockPlace, trust: Trust, limits: LockLimits): FileLock {
  const turns = new Turns(system.clock, trust);
  const swept = new Set<string>();

  async function acquire<T>(
    lock: string,
    options: Omit<AcquireOptions<T>, "name" | "limits" | "busy">,
  ): Promise<HeldLock | Instead<T>> {
    const { signal, claim } = options;
    try {
      if (!claim) await makePrivateDirectory(system, dirname(lock), trust);
      return await acquireLock(system, lock, { name: trust.name, limits, busy: place.busy, ...options });
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
    async withLock(key, work, { signal, waitMs = 30_000, unless, claim } = {}) {
      signal?.throwIfAborted();
      const { clock } = system;
      const startedAt = clock.monotonic();
      const lock = place.fileOf(key);
      const queued = turns.taken(lock);
      const leave = await turns.wait(lock, waitMs, signal).catch(async (error: unknown) => {
        await claim?.release();
        throw error;
      });
      try {
        const instead = queued ? await unless?.() : undefined;
        if (instead !== undefined) return instead;
        const left = Math.max(0, waitMs - (clock.monotonic() - startedAt));
        const held = await acquire(lock, { waitMs: left, signal, unless, claim });
        if ("instead" in held) return held.instead;
        try {
          signal?.throwIfAborted();
          return await work(held.lease);
        } finally {
          await held.release();
          // Once is enough, unless somebody has just died here. It needs no lock, and is not to hold up the work.
          if (held.takenOver || !swept.has(lock)) await sweep(held, lock, key).catch(() => {});
          swept.add(lock);
        }
      } finally {
        leave();
      }
    },
  };
}
