import type { Member, Policy } from "./policy.ts";
import { seeded } from "./random.ts";

export interface Fleet {
  readonly processes: number;
  /** Processes that share one login through a store: one of them asks, the others take what it got. Default 1. */
  readonly sharing?: number;
  readonly lifetimeMs: number;
  /** All are started within this time, evenly. */
  readonly startWithinMs: number;
  readonly callEveryMs: number;
  readonly untilMs: number;
  readonly seed: number;
}

/** No request is answered in [fromMs, toMs). */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Outcome {
  /** Requests at the identity provider in each second, the first token of each process left out. */
  readonly perSecond: Uint32Array;
  /** Processes with a caller that got an error. */
  readonly hurt: number;
}

/** Every request for a token that a fleet makes, process by process: they have nothing to do with each other but a store. */
export function simulate(fleet: Fleet, policy: Policy, outage?: Outage): Outcome {
  const { processes, sharing = 1, lifetimeMs, startWithinMs, callEveryMs, untilMs, seed } = fleet;
  const random = seeded(seed);
  const perSecond = new Uint32Array(Math.ceil(untilMs / 1000));
  const fails = (time: number): boolean =>
    outage !== undefined && time >= outage.fromMs && time < outage.toMs;
  let hurt = 0;

  for (let login = 0; login < processes / sharing; login++) {
    const members: Member[] = Array.from({ length: sharing }, () => {
      const startedAt = random() * startWithinMs;
      return { startedAt, callEveryMs, obtainedAt: 0, expiresAt: 0, spread: 0, random };
    });
    const unlucky = new Set<Member>();
    const due = new Map<Member, number>();
    const obtain = (at: number): void => {
      for (const member of members) {
        member.obtainedAt = Math.max(at, member.startedAt);
        member.expiresAt = at + lifetimeMs;
        member.spread = random();
        member.failures = undefined;
        due.set(member, policy.firstAt(member));
      }
    };
    obtain(Math.min(...members.map(({ startedAt }) => startedAt)));
    for (;;) {
      const [first, time] = earliest(due);
      if (time >= untilMs) break;
      const second = Math.floor(time / 1000);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
      if (!fails(time)) {
        obtain(time);
        continue;
      }
      if (policy.hurts(first, time)) unlucky.add(first);
      due.set(first, policy.nextAt(first, time));
    }
    hurt += unlucky.size;
  }
  return { perSecond, hurt };
}

function earliest(due: ReadonlyMap<Member, number>): [Member, number] {
  let found: [Member, number] | undefined;
  for (const entry of due) if (!found || entry[1] < found[1]) found = entry;
  if (!found) throw new RangeError("a login without a process");
  return found;
}
