import { type Kill, Lane } from "./kill-lane.ts";
import { newTally, type Tally } from "./kill-tally.ts";
import { bundleScript } from "./kill-victim.ts";

export interface KillRun {
  /**
   * How many. As far as they go round at every step of a transaction: before, during and after it, in a process that has just
   * started and in one that has not. A third at most; the rest at random times, some of them with others about.
   */
  readonly kills: number;
  readonly onKill?: (done: number, all: number) => void;
}

/** Two of them at a time: more would only wait for each other. */
const lanes = 2;

export async function runKills({ kills, onKill }: KillRun): Promise<Tally> {
  const tally = newTally();
  await using script = await bundleScript();
  const run = async (share: number): Promise<void> => {
    await using lane = await Lane.open({ script, tally });
    await lane.rehearse(true); // the first one compiles
    const plan = await planFor(lane, kills);
    for (const [nth, kill] of plan.entries()) {
      if (nth % lanes !== share) continue;
      await lane.kill(kill);
      onKill?.(tally.kills, plan.length);
    }
    await lane.finish();
  };
  // Both to their end: what they share is removed after it.
  const ends = await Promise.allSettled(Array.from({ length: lanes }, (_, share) => run(share)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return tally;
}

async function planFor(lane: Lane, count: number): Promise<Kill[]> {
  const atSteps: Kill[] = [];
  let tookMs = 0;
  for (const cold of [true, false]) {
    const rehearsal = await lane.rehearse(cold);
    tookMs = Math.max(tookMs, rehearsal.tookMs);
    for (const step of rehearsal.steps.names.keys())
      for (const moment of ["before", "during", "after"] as const)
        atSteps.push({ blow: { at: step + 1, moment, signal: "SIGKILL" }, cold });
  }
  const share = Math.min(1, (count * 0.6) / atSteps.length);
  const kills = atSteps.filter((_, nth) => Math.floor(nth * share) !== Math.floor((nth + 1) * share));
  // Spread evenly over somewhat more than a transaction takes: the times of the machine make them random.
  const left = count - kills.length;
  for (let nth = 0; nth < left; nth++) {
    const crowd = nth % 4 === 0 ? 2 : 0;
    const afterMs = ((nth + Math.random()) / left) * tookMs * (crowd ? 2 : 1.3);
    kills.push({ afterMs, cold: nth % 2 === 0, crowd });
  }
  return kills;
}
