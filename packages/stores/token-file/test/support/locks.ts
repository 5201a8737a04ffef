import { setImmediate as turn } from "node:timers/promises";
import type { Lease } from "@auth/core";
import { type FakeClock, fakeClock } from "@auth/testkit";
import { createLock, type FileLock } from "../../src/create-lock.ts";
import { type LockOptions, lockLimits } from "../../src/lock-options.ts";
import { realSystem, type System } from "../../src/system.ts";

/** A pid that no process has. */
export const deadPid: number = 2 ** 22 + 1;

/** The same machine, but another process: one that has ended, another place, or as `parts` say. */
export function elsewhere(parts: Partial<System["self"]>): { readonly self: System["self"] } {
  return { self: { ...realSystem().self, ...parts } };
}

export const clockAt = (): FakeClock => fakeClock({ now: Date.now() });

/** Locks on one clock, in one folder: each with its own process, as its `parts` say. */
export function lockOn(
  folder: string,
  clock: FakeClock,
  parts: Partial<System> = {},
  options: LockOptions & { settleMs?: number } = {},
): FileLock {
  const { settleMs, allowUnsafePermissions = false, ...rest } = options;
  const limits = { ...lockLimits("test", rest), ...(settleMs !== undefined && { settleMs }) };
  const place = { fileOf: () => `${folder}/test.lock` };
  const trust = { name: "test", allowUnsafePermissions };
  return createLock({ ...realSystem(clock), clock, ...parts }, place, trust, limits);
}

/** Lets time pass in small steps, while somebody waits for it, until `work` has an outcome. */
export async function pass<T>(clock: FakeClock, work: Promise<T>, stepMs = 250): Promise<T> {
  let done = false;
  const end = (): void => {
    done = true;
  };
  work.then(end, end);
  while (!done) {
    await turn();
    if (!done && clock.pending.some(({ background }) => !background)) await clock.advance(stepMs);
  }
  return work;
}

/** Lets time pass in small steps; those who wait look at the disk in each of them. */
export async function elapse(clock: FakeClock, ms: number, stepMs = 250): Promise<void> {
  for (let at = 0; at < ms; at += stepMs) {
    await clock.advance(stepMs);
    for (let count = 0; count < 20; count++) await turn();
  }
}

/**
 * The same for a call that has a deadline of its own: passes time only while something else is waited for too, so that no time
 * passes while the disk is at work.
 */
export async function passBesides<T>(clock: FakeClock, work: Promise<T>, stepMs = 1_000): Promise<T> {
  let done = false;
  const end = (): void => {
    done = true;
  };
  work.then(end, end);
  while (!done) {
    await turn();
    if (clock.pending.filter(({ background }) => !background).length > 1) await clock.advance(stepMs);
  }
  return work;
}

interface HeldForTest {
  readonly lease: Required<Lease>;
  release(): Promise<void>;
}

/** Takes the lock and keeps it: alive, or as if its process had died there. */
export async function held(lock: FileLock, sent = false): Promise<HeldForTest> {
  const taken = Promise.withResolvers<Required<Lease>>();
  const end = Promise.withResolvers<void>();
  const work = lock.withLock("key", async (lease) => {
    if (sent) await lease.sent();
    taken.resolve(lease);
    await end.promise;
  });
  work.catch(taken.reject);
  const lease = await taken.promise;
  return {
    lease,
    async release() {
      end.resolve();
      await work;
    },
  };
}

/** A holder whose process ended while it held the lock: only what lies on disk is left of it. */
export async function heldUntilDeath(
  folder: string,
  sent: boolean,
  parts: Partial<System["self"]>,
): Promise<FakeClock> {
  const clock = clockAt();
  const { promise } = Promise.withResolvers<never>();
  const stuck = { ...clock, sleep: () => promise }; // no sign of life any more
  const identity = { pid: deadPid, started: "1", ...parts };
  await held(lockOn(folder, clock, { ...elsewhere(identity), clock: stuck }), sent);
  return clock;
}
