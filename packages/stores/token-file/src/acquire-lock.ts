import { basename, dirname } from "node:path";
import { AuthError, type Lease, type LockWait } from "@auth/core";
import { type Chain, readChain } from "./lock-chain.ts";
import { LockClaim } from "./lock-claim.ts";
import type { LockLimits } from "./lock-verdict.ts";
import { LockWatch } from "./lock-watch.ts";
import { patiently } from "./patiently.ts";
import type { System } from "./system.ts";
import { failedWith, toAuthError } from "./to-auth-error.ts";

/** A lock that is held. */
export interface HeldLock {
  readonly lease: Required<Lease>;
  readonly claim: LockClaim;
  /** It was taken over from a holder that died or fell silent. */
  readonly takenOver: boolean;
  /** Never fails: what cannot be removed now is tried again later. */
  release(): Promise<void>;
}

/** What makes the lock needless. */
export interface Instead<T> {
  readonly instead: T;
}

export interface AcquireOptions<T> extends LockWait<T> {
  /** Name of the store, for messages. */
  readonly name: string;
  readonly limits: LockLimits;
  readonly waitMs: number;
  /** Of a holder that must not be interrupted: what it does, and what to do about it. Default: it has sent a refresh token. */
  readonly busy?: string | undefined;
  /** Made beforehand. */
  readonly claim?: LockClaim | undefined;
}

/** It may have the only living refresh token. */
const sending =
  "It has sent a refresh token, and not saved the answer yet. Ending it may end the login: look at what keeps it from saving, such as a full disk, and try again";

/** Gaps between two looks at a lock that somebody else has, in ms. */
const shortest = 4;
const longest = 25;

/** Errors: `ERR_AUTH_UNREACHABLE/lock-timeout`, those of the system as they are. */
export async function acquireLock<T>(
  system: System,
  lock: string,
  options: AcquireOptions<T>,
): Promise<HeldLock | Instead<T>> {
  const { clock } = system;
  const { limits, signal, waitMs, unless } = options;
  const deadline = clock.monotonic() + waitMs;
  const claim = options.claim ?? (await LockClaim.make(system, lock));
  const watch = new LockWatch(system, limits);
  let chain: Chain | undefined;
  let judgedAt = Number.NEGATIVE_INFINITY;
  let crowd = 1;
  let gap = shortest;
  /** Of the lock file, when we last looked: none, for all we know at the beginning. */
  let inode: number | undefined;
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (inode === undefined && (await claim.take())) return hold(system, claim, options, lock, false);
      const present = await inodeOf(system, lock);
      // It changes hands: others may be in and out quickly, because what they came for is done. Many look less often each.
      if (present !== inode) gap = Math.max(shortest, crowd);
      const passedOn = inode !== undefined && present !== inode;
      inode = present;
      const instead = passedOn ? await unless?.() : undefined;
      if (instead !== undefined) {
        await claim.release().catch(() => {}); // whoever comes next cleans up
        return { instead };
      }
      const left = deadline - clock.monotonic();
      if (inode === undefined && left > 0) continue;
      if (left <= 0 || clock.monotonic() - judgedAt >= limits.heartbeatMs / 10) {
        judgedAt = clock.monotonic();
        crowd = await waitersFor(system, lock);
        chain = await readChain(system, lock);
        if (chain && watch.judge(chain) && (await claim.takeOver(chain)))
          return hold(system, claim, options, lock, true);
      }
      if (left <= 0) throw lockTimeout(system, lock, options, chain);
      gap = Math.min(gap, longest);
      await clock.sleep(Math.min(left, gap * (0.5 + clock.random() / 2)), { signal });
      gap *= 1.5;
    }
  } catch (error) {
    await claim.release().catch(() => {});
    throw error;
  }
}

async function inodeOf(system: System, lock: string): Promise<number | undefined> {
  try {
    return (await patiently(system, () => system.fs.lstat(lock))).ino;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** How many are about, we among them: each has a temporary file. */
async function waitersFor(system: System, lock: string): Promise<number> {
  const names = await system.fs.readdir(dirname(lock));
  return names.filter((name) => name.startsWith(`${basename(lock)}.`) && name.endsWith(".tmp")).length;
}

function hold(
  system: System,
  claim: LockClaim,
  { limits, name }: Pick<AcquireOptions<unknown>, "limits" | "name" | "waitMs">,
  lock: string,
  takenOver: boolean,
): HeldLock {
  const { clock } = system;
  const lost = new AbortController();
  const over = new AbortController();
  const lose = (): AuthError => {
    const text = `${name}: the lock ${lock} was taken over, because this process gave no sign of life for too long. Try again.`;
    const error = new AuthError("ERR_AUTH_UNREACHABLE", "lock-lost", text, { provider: name });
    lost.abort(error);
    return error;
  };

  // One thing at a time: who looks or lets go while it is still freezing would take its own file for another's.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const mine = last.then(change);
    last = mine.catch(() => {});
    return mine;
  };

  async function beat(): Promise<void> {
    let seenAt = clock.monotonic();
    while (!lost.signal.aborted) {
      await clock.sleep(limits.heartbeatMs, { signal: over.signal, background: true });
      try {
        const isLost = await inTurn(async () => {
          await claim.beat();
          return claim.isLost();
        });
        if (isLost) lose();
        seenAt = clock.monotonic();
      } catch {
        // A file system that does not answer: nobody else can tell that we live. What has been sent has been sent, though, and
        // whoever sees this process knows that it lives: it goes on giving signs of life, for as long as it lives.
        if (!claim.frozen && clock.monotonic() - seenAt >= limits.staleMs) lose();
      }
    }
  }

  async function tryAgain(): Promise<void> {
    for (;;) {
      await clock.sleep(limits.heartbeatMs, { background: true });
      if (await released()) return;
    }
  }

  const released = (): Promise<boolean> =>
    inTurn(() => claim.release()).then(
      () => true,
      () => false,
    );

  beat().catch(() => {}); // ended by `over`
  return {
    claim,
    takenOver,
    lease: {
      signal: lost.signal,
      async sent() {
        if (lost.signal.aborted) throw lost.signal.reason;
        try {
          if (!(await inTurn(() => claim.freeze()))) throw lose();
        } catch (error) {
          throw toAuthError(error, { name, doing: "lock", path: lock });
        }
      },
    },
    async release() {
      over.abort();
      if (!(await released())) tryAgain().catch(() => {});
    },
  };
}

/** Which process to look at, and what it is doing. */
function lockTimeout(
  { clock }: System,
  lock: string,
  { name, waitMs, busy = sending }: Pick<AcquireOptions<unknown>, "name" | "waitMs" | "busy">,
  chain: Chain | undefined,
): AuthError {
  const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s`;
  const ago = (at: number): string => `${seconds(clock.now() - at)} ago`;
  const say = (): string => {
    const { holder, seenAt, frozen } = chain ?? {};
    if (!holder || seenAt === undefined) return "others kept taking it. Try again";
    const who = `process ${holder.pid} on ${holder.host} took it ${ago(holder.since)} and gave its last sign of life ${ago(seenAt)}`;
    return `${who}. ${frozen ? busy : "If it hangs, end it"}`;
  };
  return new AuthError(
    "ERR_AUTH_UNREACHABLE",
    "lock-timeout",
    `${name}: waited ${seconds(waitMs)} for the lock ${lock}: ${say()}.`,
    { provider: name },
  );
}
