import { setTimeout as sleep } from "node:timers/promises";
import { bundleScript } from "./bundle-script.ts";
import { hasStopped } from "./has-stopped.ts";
import type { Reply } from "./kill-child.ts";
import type { Tally } from "./kill-tally.ts";
import type { Victim } from "./kill-victim.ts";
import { World } from "./kill-world.ts";
import { type Trouble, troubles } from "./troubles.ts";

export interface TroubleRun {
  readonly name: keyof typeof troubles;
  readonly times: number;
  readonly onTrouble?: (troubles: number) => void;
}

const limits = { heartbeatMs: 50, staleMs: 150, sentStaleMs: 3_000, commandTimeoutMs: 150 };
const policy = { timeoutMs: 1_000, lockWaitMs: 300 };
/** Longer than a lock lasts without a sign of life. The call that it befalls takes longer. */
const briefMs = 350;
/** Longer than that call: what it got is in the memory of its process, and nowhere else. */
const longMs = 1_500;

/** What a call may say while its store is in trouble. */
const clear = new Set([
  "token",
  "ERR_AUTH_UNREACHABLE/store-unavailable",
  "ERR_AUTH_UNREACHABLE/save-failed",
  "ERR_AUTH_UNREACHABLE/lock-timeout",
  "ERR_AUTH_UNREACHABLE/lock-lost",
  "ERR_AUTH_UNREACHABLE/timeout",
  "ERR_AUTH_DENIED/permission-denied",
]);

/**
 * The store breaks at a step of a refresh, while another process wants the same token, and is mended. What was sent by then has
 * its answer saved in the end, and nothing is sent twice (SEC-59, SEC-80). False: this trouble cannot be made here.
 */
export async function runTroubles(tally: Tally, { name, times, onTrouble }: TroubleRun): Promise<boolean> {
  await using script = await bundleScript("./kill-child.ts");
  const trouble = await troubles[name](script);
  if (!trouble) return false;
  await using world = await World.make({ script, tally, limits, policy, place: trouble.place });
  await trouble.handOver?.();
  const [victim, other] = [world.start(trouble.user), world.start(trouble.user)];
  await world.ask(other);
  await world.ask(victim);
  world.expire();
  const steps = (await world.ask(victim, { cold: false }))?.steps.names.length ?? 0;
  tally.refreshes++;

  for (let nth = 0; nth < times; nth++) {
    const at = 1 + Math.floor(((nth + Math.random()) / times) * steps);
    const moment = Math.random() < 0.5 ? "before" : "after";
    const long = nth % 3 === 0;
    const when = `${name}, ${long ? "long" : "brief"}, ${moment} step ${at}`;
    const requests = world.server.requests.length;
    const { refreshes, reuses, tokenRequests } = world.server.counts;
    world.expire();
    const asked = world.ask(victim, { cold: false, blow: { at, moment, signal: "SIGSTOP" } });
    if (await hasStopped(victim.pid, asked)) {
      tally.troubles++;
      tally.steps.add(`${name} ${moment} ${at}`);
      onTrouble?.(tally.troubles);
      await strike(world, trouble, when, long, victim, asked, other);
    } else tally.spared++;
    const { counts } = world.server;
    const sent = counts.refreshes > refreshes;
    const unsaved = sent && !(await world.serves(await world.look()));
    await outlive(world, when, victim, other);
    if (unsaved) tally.late++;
    tally.refreshes += counts.refreshes - refreshes;
    world.blame("reuses", when, counts.reuses - reuses);
    world.blame(
      "loops",
      `${when}: ${counts.refreshes - refreshes} refreshes`,
      Math.abs(counts.refreshes - refreshes - 1),
    );
    world.blame(
      "loops",
      `${when}: refused requests`,
      counts.tokenRequests - tokenRequests - (counts.refreshes - refreshes),
    );
    world.blame("loops", `${when}: sent twice`, world.sentBy(victim, requests) - 1);
  }
  return true;
}

/** The trouble comes and goes; everybody gets a token or a clear word. */
async function strike(
  world: World,
  trouble: Trouble,
  when: string,
  long: boolean,
  victim: Victim,
  asked: Promise<Reply | undefined>,
  other: Victim,
): Promise<void> {
  const lastsMs = long ? longMs : briefMs;
  await trouble.begin(lastsMs);
  victim.signal("SIGCONT");
  const replies = Promise.all([asked, world.ask(other, { cold: false })]);
  await (long ? replies : sleep(lastsMs));
  await trouble.end();
  for (const reply of await replies) {
    if (reply?.error) world.tally.told++;
    if (!clear.has(reply?.error ?? "token")) world.blame("lost", `${when}: ${reply?.message}`);
  }
}

/** When it is over, the process that it befell has the token first, and so has everybody else: the same one, and a good one. */
async function outlive(world: World, when: string, victim: Victim, other: Victim): Promise<void> {
  const mine = await patientlyAsk(world, victim);
  const theirs = await patientlyAsk(world, other);
  const contents = await world.look();
  world.inspect(when, contents);
  if (!mine?.tokenId || mine.tokenId !== theirs?.tokenId || !(await world.serves(contents)))
    world.blame("lost", `${when}, in the end: ${describe(mine)}; ${describe(theirs)}`);
}

const describe = (reply: Reply | undefined): string => reply?.message ?? reply?.tokenId ?? "it died";

/**
 * Asks until there is a token. What was not to be had while the store was away is to be had when the lock that could not be let go
 * has run out, at the latest.
 */
async function patientlyAsk(world: World, victim: Victim): Promise<Reply | undefined> {
  const end = performance.now() + 2 * limits.sentStaleMs;
  for (;;) {
    const reply = await world.ask(victim, { cold: false });
    if (!reply?.error?.startsWith("ERR_AUTH_UNREACHABLE/") || performance.now() > end) return reply;
    world.tally.told++;
  }
}
