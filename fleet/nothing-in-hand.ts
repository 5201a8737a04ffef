import { fleet, outageMs, single } from "./measure.ts";
import type { Member, Policy } from "./policy.ts";
import { seeded } from "./random.ts";
import type { Fleet } from "./simulate.ts";

/** What an outage does to a fleet whose tokens had all expired before it began. */
export interface ColdRow {
  readonly name: string;
  /** Requests per second at the identity provider during the outage, once all processes have woken up: the mean. */
  readonly during: number;
  /** In its busiest second, the waking up included. */
  readonly duringPeak: number;
  /** In the busiest second after it. */
  readonly afterPeak: number;
  /** From its end until half of the processes, and until all of them, have a token. */
  readonly halfMs: number;
  readonly allMs: number;
}

/** Every process is asked once a second: what is sent is up to the policy, not to the callers. */
export const busy: Fleet = { ...fleet, callEveryMs: 1_000 };

/** They wake up within a minute, with tokens that ended an hour ago, and every request fails at once for ten minutes. */
export function nothingInHand(
  { processes, startWithinMs, callEveryMs, lifetimeMs, seed }: Fleet = busy,
  policies: readonly Policy[] = single(),
): ColdRow[] {
  return policies.map((policy) => {
    const random = seeded(seed);
    const during = new Uint32Array(outageMs / 1000);
    const after = new Uint32Array(outageMs / 1000);
    const recoveries = new Float64Array(processes);
    for (let nth = 0; nth < processes; nth++) {
      const expired = { obtainedAt: -2 * lifetimeMs, expiresAt: -lifetimeMs, spread: 0 };
      const member: Member = { ...expired, startedAt: random() * startWithinMs, callEveryMs, random };
      let time = member.startedAt;
      for (; time < outageMs; time = policy.nextAt(member, time)) count(during, time);
      recoveries[nth] = time - outageMs;
      count(after, time - outageMs);
    }
    recoveries.sort();
    const awake = during.subarray(startWithinMs / 1000);
    return {
      name: policy.name,
      during: awake.reduce((sum, each) => sum + each, 0) / awake.length,
      duringPeak: Math.max(...during),
      afterPeak: Math.max(...after),
      halfMs: recoveries[Math.floor(processes / 2)] ?? Number.NaN,
      allMs: recoveries[processes - 1] ?? Number.NaN,
    };
  });
}

function count(perSecond: Uint32Array, time: number): void {
  const second = Math.floor(time / 1000);
  perSecond[second] = (perSecond[second] ?? 0) + 1;
}
