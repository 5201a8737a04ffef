import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Blow } from "./kill-steps.ts";
import type { Tally } from "./kill-tally.ts";
import { bundleScript } from "./kill-victim.ts";
import { World } from "./kill-world.ts";

/** What a stopped process does when it goes on: its own renewal or another's, or a clear word that its lock is gone. */
const awake = new Set(["token", "ERR_AUTH_UNREACHABLE/lock-lost"]);
/** What another process has meanwhile: a token, or a clear word about who is in the way. */
const waiting = new Set(["token", "ERR_AUTH_UNREACHABLE/lock-timeout"]);

const limits = { heartbeatMs: 75, staleMs: 150, sentStaleMs: 150 };

/**
 * Stops processes in the middle of a refresh for longer than their lock can last, lets another one want the same token, and
 * wakes them up. Whoever comes first, there is one refresh, one successor on disk, and no reuse (SEC-78).
 */
export async function runStops(tally: Tally, count: number): Promise<void> {
  await using script = await bundleScript();
  await using world = await World.make({ script, tally, limits, policy: { lockWaitMs: 400 } });
  let sleeper = world.start();
  const other = world.start();
  world.expire();
  const steps = (await world.ask(sleeper))?.steps.names.length ?? 0;
  tally.refreshes++;

  for (let nth = 0; nth < count; nth++) {
    const at = 1 + Math.floor(((nth + Math.random()) / count) * steps);
    const blow: Blow = { at, moment: nth % 2 === 0 ? "before" : "after", signal: "SIGSTOP" };
    const when = `stopped ${blow.moment} step ${at}`;
    const before = { ...world.server.counts };
    world.expire();
    const asked = world.ask(sleeper, { blow });
    if (await hasStopped(sleeper.pid, asked)) {
      tally.stops++;
      const theirs = await world.ask(other);
      const said = theirs?.error ?? "token";
      if (!waiting.has(said)) world.blame("lost", `${when}: the other one: ${theirs?.message}`);
      if (theirs?.error && !theirs.message?.includes(`process ${sleeper.pid} `))
        world.blame("unclear", `${when}: the holder is not named: ${theirs.message}`);
      const meanwhile = await world.disk();
      sleeper.signal("SIGCONT");
      const reply = await asked;
      if (!awake.has(reply?.error ?? "token")) world.blame("lost", `${when}: woken up: ${reply?.message}`);
      const { record } = await world.disk();
      if (said === "token" && record?.refreshToken !== meanwhile.record?.refreshToken)
        world.blame("deleted", `${when}: what the other one had saved was overwritten`);
    } else tally.spared++;
    const last = await world.ask(other);
    if (!last?.tokenId) {
      world.blame("lost", `${when}, in the end: ${last?.message}`);
      await world.logIn();
      await world.end(sleeper);
      sleeper = world.start();
    }
    const disk = await world.disk();
    if (disk.torn) world.blame("torn", when);
    world.blame("wide", when, disk.wide.length);
    tally.refreshes += world.server.counts.refreshes - before.refreshes;
    world.blame("loops", when, Math.abs(world.server.counts.refreshes - before.refreshes - 1));
    world.blame("reuses", when, world.server.counts.reuses - before.reuses);
  }
}

/** Waits until the system says that the process is stopped; false if it answers instead. */
async function hasStopped(pid: number, asked: Promise<unknown>): Promise<boolean> {
  let answered = false;
  void asked.then(() => {
    answered = true;
  });
  while (!answered) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (/\) [Tt] /.test(stat)) return true;
    await sleep(1);
  }
  return false;
}
