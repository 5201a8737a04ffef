import { ourPolicy } from "./our-policy.ts";
import { peers } from "./peers.ts";
import type { Policy } from "./policy.ts";
import { type Fleet, type Outage, simulate } from "./simulate.ts";

/** One row of the table. */
export interface Row {
  readonly name: string;
  /** Requests in the busiest second, once all have started. */
  readonly peak: number;
  /** Of all seconds. */
  readonly mean: number;
  /** Share of processes with a failed call in a ten-minute outage: at the worst time for it, and at any time. */
  readonly hurtAtWorst: number;
  readonly hurtOnAverage: number;
  /** Requests in the busiest second from the beginning of the worst outage on. */
  readonly outagePeak: number;
  readonly perSecond: Uint32Array;
}

/** A hundred thousand processes, started within a minute, each of which needs its token every ten seconds. */
export const fleet: Fleet = {
  processes: 100_000,
  lifetimeMs: 3_600_000,
  startWithinMs: 60_000,
  callEveryMs: 10_000,
  untilMs: 5 * 3_600_000,
  seed: 1,
};

export const outageMs = 600_000;
/** When it begins: any time of an hour, once in five minutes. */
const outages: readonly Outage[] = Array.from({ length: 12 }, (_, nth) => {
  const fromMs = (2 * 60 + nth * 5) * 60_000;
  return { fromMs, toMs: fromMs + outageMs };
});

export const sharing = 100;

export function measure(
  whole: Fleet = fleet,
  policies: readonly (readonly [Policy, sharing?: number])[] = everybody(),
): Row[] {
  return policies.map(([policy, share = 1]) => {
    const some = { ...whole, sharing: share };
    const { perSecond } = simulate(some, policy);
    const short = { ...some, untilMs: 3.5 * 3_600_000 };
    const through = outages.map((outage) => ({ outage, ...simulate(short, policy, outage) }));
    const worst = through.reduce((a, b) => (b.hurt > a.hurt ? b : a));
    return {
      name: share > 1 ? `${policy.name}, ${share} processes to a login in one Redis` : policy.name,
      peak: Math.max(...perSecond),
      mean: perSecond.reduce((sum, each) => sum + each, 0) / perSecond.length,
      hurtAtWorst: worst.hurt / whole.processes,
      hurtOnAverage: through.reduce((sum, { hurt }) => sum + hurt, 0) / through.length / whole.processes,
      outagePeak: Math.max(...worst.perSecond.subarray(worst.outage.fromMs / 1000)),
      perSecond,
    };
  });
}

export function everybody(): (readonly [Policy, sharing?: number])[] {
  const ours = ourPolicy({ jitter: true });
  return [[ours], [ours, sharing], [ourPolicy({ jitter: false })], ...peers.map((peer) => [peer] as const)];
}

/** Each policy once, without a store between processes. */
export function single(): Policy[] {
  return [ourPolicy({ jitter: true }), ...peers];
}
