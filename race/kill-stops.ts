import { bundleScript } from "./bundle-script.ts";
import { hasStopped } from "./has-stopped.ts";
import type { Blow } from "./kill-steps.ts";
import type { Tally } from "./kill-tally.ts";
import type { Victim } from "./kill-victim.ts";
import { World } from "./kill-world.ts";
import type { StoreKind } from "./login.ts";
import { openPlace } from "./place.ts";

export interface StopRun {
  readonly stops: number;
  /** Default `token-file`. */
  readonly kind?: StoreKind;
  /**
   * Over Redis nobody can tell a holder that is stopped from one that is dead, so one that has noted that it sends is waited for
   * only so long. Default false: it goes on before that.
   */
  readonly beyondSent?: boolean;
  readonly onStop?: (stops: number) => void;
}

/** What a stopped process does when it goes on: its own renewal or another's, or a clear word that its lock is gone. */
const awake = new Set(["token", "ERR_AUTH_UNREACHABLE/lock-lost"]);
/** What another process has meanwhile: a token, or a clear word about who is in the way. */
const waiting = new Set(["token", "ERR_AUTH_UNREACHABLE/lock-timeout"]);
const dead = "ERR_AUTH_INTERACTION_REQUIRED/refresh-token-rejected";

/**
 * Stops processes in the middle of a refresh for longer than their lock can last, lets another one want the same token, and
 * wakes them up. Whoever comes first, there is one refresh, one successor in the store, and no reuse (SEC-78).
 */
export async function runStops(tally: Tally, run: StopRun): Promise<void> {
  const { stops, kind = "token-file", beyondSent = false, onStop } = run;
  await using script = await bundleScript("./kill-child.ts");
  const sentStaleMs = kind === "token-file" || beyondSent ? 150 : 10_000;
  const limits = { heartbeatMs: 75, staleMs: 150, sentStaleMs, commandTimeoutMs: 5_000 };
  const place = await openPlace(kind);
  await using world = await World.make({ script, tally, place, limits, policy: { lockWaitMs: 400 } });
  const other = world.start();
  let sleeper = world.start();
  world.expire();
  const steps = (await world.ask(sleeper))?.steps.names.length ?? 0;
  tally.refreshes++;

  for (let nth = 0; nth < stops; nth++) {
    const at = 1 + Math.floor(((nth + Math.random()) / stops) * steps);
    const blow: Blow = { at, moment: nth % 2 === 0 ? "before" : "after", signal: "SIGSTOP" };
    const when = `stopped ${blow.moment} step ${at}`;
    const { refreshes, reuses } = world.server.counts;
    const requests = world.server.requests.length;
    const { record } = await world.look();
    world.expire();
    const asked = world.ask(sleeper, { blow });
    if (!(await hasStopped(sleeper.pid, asked))) {
      tally.spared++;
      tally.refreshes += world.server.counts.refreshes - refreshes;
      continue;
    }
    tally.stops++;
    tally.steps.add(`${blow.moment} ${at}`);
    onStop?.(tally.stops);
    const atStop = await world.look();
    const theirs = await world.ask(other);
    const meanwhile = await world.look();
    sleeper.signal("SIGCONT");
    const reply = await asked;
    const after = await world.look();
    world.inspect(when, after);
    tally.refreshes += world.server.counts.refreshes - refreshes;
    world.blame("loops", when, world.server.counts.refreshes - refreshes - 1);
    const { locked } = atStop.lock;
    // The note itself may have run out before anybody could look.
    const sent = atStop.lock.sent || world.sentBy(sleeper, requests) > 0;
    const unsaved = sent && atStop.record?.refreshToken === record?.refreshToken;
    if (beyondSent && unsaved && world.server.counts.reuses > reuses) {
      await over(world, when, [other, sleeper], world.server.counts.reuses - reuses);
      continue;
    }
    world.blame("reuses", when, world.server.counts.reuses - reuses);
    const said = theirs?.error ?? "token";
    if (!waiting.has(said)) world.blame("lost", `${when}: the other one: ${theirs?.message}`);
    if (theirs?.error && !theirs.message?.includes(`process ${sleeper.pid} `))
      world.blame("unclear", `${when}: the holder is not named: ${theirs.message}`);
    if (!awake.has(reply?.error ?? "token")) world.blame("lost", `${when}: woken up: ${reply?.message}`);
    if (locked && theirs?.tokenId) tally.stale++;
    if (said === "token" && after.record?.refreshToken !== meanwhile.record?.refreshToken)
      world.blame("deleted", `${when}: what the other one had saved was overwritten`);
    const last = await world.ask(other);
    if (last?.tokenId && (await world.serves(await world.look()))) continue;
    world.blame("lost", `${when}, in the end: ${last?.message}`);
    await world.logIn();
    await world.end(sleeper);
    sleeper = world.start();
  }
}

/** Silent for so long after it had sent that nobody could wait any more: the login is over, and everybody is told so once. */
async function over(world: World, when: string, processes: readonly Victim[], reuses: number): Promise<void> {
  world.tally.inWindow++;
  world.tally.reusesInWindow += reuses;
  world.blame("loops", `${when}: ${reuses} reuses`, reuses - 1);
  world.expire();
  const { tokenRequests } = world.server.counts;
  for (const cold of [false, true])
    for (const each of processes) {
      const reply = await world.ask(each, { cold });
      if (reply?.error !== dead) world.blame("unclear", `${when}: ${reply?.error ?? "a token"} afterwards`);
    }
  world.blame("loops", `${when}: afterwards`, world.server.counts.tokenRequests - tokenRequests - 1);
  const { record } = await world.look();
  if (!record?.dead) world.blame("deleted", `${when}: the record is ${record ? "not marked" : "gone"}`);
  await world.logIn();
}
