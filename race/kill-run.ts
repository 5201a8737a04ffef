import { bundleScript } from "./bundle-script.ts";
import { type Kill, Lane } from "./kill-lane.ts";
import { newTally, type Tally } from "./kill-tally.ts";
import type { StoreKind } from "./login.ts";
import { openPlace } from "./place.ts";

export interface KillRun {
  /**
   * How many processes are to die. The most of them at the steps of a transaction, as far as these go round: before, during and
   * after each, in a process that has just started and in one that has not. The rest at random times, some with others about.
   */
  readonly kills: number;
  /** Default `token-file`. */
  readonly kind?: StoreKind;
  readonly onKill?: (kills: number) => void;
}

/** Two of them at a time: more would only wait for each other. */
const lanes = 2;

export async function runKills({ kills, kind = "token-file", onKill }: KillRun): Promise<Tally> {
  const tally = newTally();
  await using script = await bundleScript("./kill-child.ts");
  const run = async (share: number): Promise<void> => {
    await using lane = await Lane.open({ script, tally, place: await openPlace(kind) });
    const strike = async (kill: Kill): Promise<boolean> => {
      const killed = await lane.kill(kill);
      if (killed) onKill?.(tally.kills);
      return killed;
    };
    await lane.rehearse(true); // the first one compiles
    const { atSteps, tookMs } = await rehearsed(lane, kills);
    for (const [nth, kill] of atSteps.entries()) if (nth % lanes === share) await strike(kill);
    // Within the time that a transaction takes; who was too quick for it moves that time closer.
    let reachMs = tookMs;
    for (let nth = 0; tally.kills < kills; nth++) {
      const crowd = nth % 4 === 0 ? 2 : 0;
      const afterMs = Math.random() * reachMs * (crowd ? 1.5 : 1);
      reachMs *= (await strike({ afterMs, cold: nth % 2 === 0, crowd })) ? 1.05 : 0.8;
    }
    await lane.finish();
  };
  // Both to their end: what they share is removed after it.
  const ends = await Promise.allSettled(Array.from({ length: lanes }, (_, share) => run(share)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return tally;
}

/**
 * Kills at steps spread over the whole of a transaction, three fifths of `count` at most, the arrival of the answer always among
 * them; and how long it takes.
 */
async function rehearsed(lane: Lane, count: number): Promise<{ atSteps: Kill[]; tookMs: number }> {
  const all: Kill[] = [];
  const answers: Kill[] = [];
  let tookMs = 0;
  for (const cold of [true, false]) {
    const { steps, ...rehearsal } = await lane.rehearse(cold);
    tookMs = rehearsal.tookMs;
    const at = 1 + steps.names.lastIndexOf("http.data");
    answers.push({ blow: { at, moment: "before", signal: "SIGKILL" }, cold });
    for (const step of steps.names.keys())
      for (const moment of ["before", "during", "after"] as const)
        all.push({ blow: { at: step + 1, moment, signal: "SIGKILL" }, cold });
  }
  const share = Math.min(1, (count * 0.6) / all.length);
  const spread = all.filter((_, nth) => Math.floor(nth * share) !== Math.floor((nth + 1) * share));
  return { atSteps: [...answers, ...spread], tookMs };
}
