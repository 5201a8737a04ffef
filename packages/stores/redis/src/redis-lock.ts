import { hostname } from "node:os";
import { AuthError, type Lease, type LockWait } from "@auth/core";
import type { Ask, Server } from "./create-server.ts";
import type { LockLimits } from "./lock-limits.ts";
import { hasEnded, identifyProcess, type ProcessIdentity } from "./process-identity.ts";
import * as scripts from "./scripts.ts";

/** Gaps between two looks at a lock that somebody else has, in ms. */
const shortest = 5;
const longest = 50;
/** Of a crowd, one looks about every ms, however large it is; and nobody less often than this. */
const crowded = 1_000;

/** What a dead process had sent is on its way no longer than this. */
const settleMs = 1_000;

/** Who has the lock, as far as it says. */
interface Holder {
  readonly owner: string;
  readonly who: string;
  /** If it says where it runs, so that those beside it can see whether it lives. */
  readonly process: ProcessIdentity | undefined;
  readonly ageMs: number;
  readonly leftMs: number;
  readonly sent: boolean;
  /** How many wait for it. */
  readonly crowd: number;
}

/** The key of the lock, and that of those who wait for it. */
type Keys = readonly [lock: string, waiting: string];

/**
 * Runs `work` while this process has the lock: a key that expires unless its holder gives signs of life, so that it frees
 * itself. Errors: `ERR_AUTH_UNREACHABLE/lock-timeout`, `/store-unavailable`, `ERR_AUTH_DENIED/permission-denied`.
 */
export async function withRedisLock<T>(
  server: Server,
  keys: Keys,
  limits: LockLimits,
  work: (lease: Required<Lease>) => Promise<T>,
  { signal, waitMs = 30_000, unless }: LockWait<T> = {},
): Promise<T> {
  const owner = crypto.randomUUID();
  const released = (): Promise<boolean> =>
    server.run(scripts.release, keys, [owner], { doing: "unlock" }).then(
      () => true,
      () => false,
    );
  async function letGo(): Promise<void> {
    if (!(await released())) tryAgain().catch(() => {});
  }
  /** For as long as the lease may last: nobody is to wait for one that has let go. */
  async function tryAgain(): Promise<void> {
    const { clock } = server;
    const end = clock.monotonic() + limits.sentStaleMs;
    while (clock.monotonic() < end) {
      await clock.sleep(limits.heartbeatMs, { background: true });
      if (await released()) return;
    }
  }
  let turn: { readonly takenAt: number } | { readonly instead: T };
  try {
    turn = await take(server, keys, owner, limits, { waitMs, signal, unless });
  } catch (error) {
    void letGo(); // an attempt whose answer never came may have succeeded
    throw error;
  }
  if ("instead" in turn) {
    void letGo(); // of the place in the queue
    return turn.instead;
  }
  const { takenAt } = turn;
  const over = new AbortController();
  try {
    signal?.throwIfAborted();
    return await work(keep(server, keys, owner, limits, takenAt, over.signal));
  } finally {
    over.abort();
    await letGo();
  }
}

/** Resolves to the time, by the monotonic clock, from which on the lease counts at the latest; or to what makes it needless. */
async function take<T>(
  server: Server,
  keys: Keys,
  owner: string,
  { staleMs, sentStaleMs }: LockLimits,
  { waitMs = 30_000, signal, unless }: LockWait<T>,
): Promise<{ readonly takenAt: number } | { readonly instead: T }> {
  const { clock } = server;
  const deadline = clock.monotonic() + waitMs;
  const self = identifyProcess();
  let last: string | undefined;
  let dead = "";
  let gap = shortest;
  let sayAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal?.throwIfAborted();
    const askedAt = clock.monotonic();
    const say = askedAt >= sayAt;
    const args = [owner, holderText(self), `${staleMs}`, say ? "1" : "", dead];
    const answer = await server.run(scripts.take, keys, args, { doing: "lock", signal });
    if (answer[0] === "taken") return { takenAt: askedAt };
    if (say) sayAt = askedAt + 1_000;
    const holder = holderOf(answer);
    const silentMs = (holder.sent ? sentStaleMs : staleMs) - holder.leftMs;
    const settled = !holder.sent || silentMs >= Math.min(settleMs, staleMs);
    if (holder.process && settled && holder.owner !== dead && hasEnded(holder.process, self)) {
      dead = holder.owner;
      continue;
    }
    const left = deadline - clock.monotonic();
    if (left <= 0) throw lockTimeout(server.name, waitMs, holder);
    const least = Math.min(Math.max(shortest, holder.crowd), crowded);
    // It changes hands: others are in and out quickly, because what they came for is done.
    gap = holder.owner === last ? Math.min(gap * 1.5, Math.max(least, longest)) : least;
    if (last !== undefined && holder.owner !== last) {
      const instead = await unless?.();
      if (instead !== undefined) return { instead };
    }
    last = holder.owner;
    await clock.sleep(Math.min(left, gap * (0.5 + clock.random())), { ...(signal && { signal }) });
  }
}

/** Gives signs of life until `over`, and notices when they are of no use any more. */
function keep(
  server: Server,
  keys: Keys,
  owner: string,
  { heartbeatMs, staleMs, sentStaleMs }: LockLimits,
  takenAt: number,
  over: AbortSignal,
): Required<Lease> {
  const { clock, name } = server;
  const lost = new AbortController();
  let leaseMs = staleMs;
  let endsAt = takenAt + leaseMs;
  /** Something has been sent: what comes of it may be nowhere but here. */
  let noted = false;

  const lose = (): AuthError => {
    const text = `${name}: the lock was lost, because this process gave no sign of life for too long or somebody removed it. Try again.`;
    const error = new AuthError("ERR_AUTH_UNREACHABLE", "lock-lost", text, { provider: name });
    lost.abort(error);
    return error;
  };

  async function beat(note: "" | "1", ask: Partial<Ask>): Promise<void> {
    const askedAt = clock.monotonic();
    // Not when something is to be sent: somebody may have had the lock meanwhile.
    const again = noted && note === "";
    const args = [owner, `${leaseMs}`, note, ...(again ? [holderText(identifyProcess())] : [])];
    const [answer] = await server.run(scripts.beat, [keys[0]], args, { doing: "keep the lock", ...ask });
    // What was held when the server answered may be over by now: this process may have been stopped in between.
    const late = !again && clock.monotonic() >= askedAt + leaseMs;
    if (answer !== "held" || late) throw lose();
    endsAt = Math.max(endsAt, askedAt + leaseMs);
  }

  async function live(): Promise<void> {
    while (!lost.signal.aborted) {
      // Whoever has sent goes on when the lease is over, for as long as it lives.
      const left = (): number => (noted ? heartbeatMs : Math.max(1, Math.ceil(endsAt - clock.monotonic())));
      await clock.sleep(Math.min(heartbeatMs, left()), { signal: over, background: true });
      // A server that is away may be back in time.
      await beat("", { signal: over, timeoutMs: Math.min(heartbeatMs, left()) }).catch(() => {});
      if (clock.monotonic() >= endsAt && !noted) lose();
    }
  }

  live().catch(() => {}); // ended by `over`
  return {
    signal: lost.signal,
    async sent() {
      leaseMs = sentStaleMs;
      await beat("1", { signal: lost.signal });
      noted = true;
    },
  };
}

function holderOf([, owner = "", who = "", age, left, sent, crowd]: readonly string[]): Holder {
  return {
    owner,
    ...readHolder(who),
    ageMs: Number(age),
    leftMs: Number(left),
    sent: sent === "1",
    crowd: Number(crowd),
  };
}

/** For people; and in brackets for processes beside it. */
function holderText(self: ProcessIdentity | undefined): string {
  const who = `process ${process.pid} on ${hostname()}`;
  return self ? `${who} (${self.space} ${self.started})` : who;
}

/** Whoever can write to the server can write anything there. */
function readHolder(text: string): Pick<Holder, "who" | "process"> {
  const found = /^(process (\d{1,10}) on [\w.-]{1,255})(?: \(([\w.-]{1,40}) (\d{1,20})\))?$/.exec(text);
  const [, who = "an unknown process", pid, space, started] = found ?? [];
  const known = space !== undefined && started !== undefined && Number(pid) > 0;
  return { who, process: known ? { pid: Number(pid), space, started } : undefined };
}

function lockTimeout(name: string, waitMs: number, { who, ageMs, leftMs, sent }: Holder): AuthError {
  const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1_000))} s`;
  const doing = sent
    ? ", has sent a refresh token, and not saved the answer yet. Ending it may end the login: look at what keeps it from saving"
    : "";
  return new AuthError(
    "ERR_AUTH_UNREACHABLE",
    "lock-timeout",
    `${name}: waited ${seconds(waitMs)} for the lock: ${who} took it ${seconds(ageMs)} ago${doing}. If that has ended, the lock is free in ${seconds(leftMs)}. Try again.`,
    { provider: name },
  );
}
