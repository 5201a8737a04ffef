import { bundleScript } from "./bundle-script.ts";
import type { Reply } from "./kill-child.ts";
import type { Tally } from "./kill-tally.ts";
import type { Victim } from "./kill-victim.ts";
import { World } from "./kill-world.ts";
import type { StoreKind } from "./login.ts";
import { type LossyPlace, openLossyFolder, openRedisPair } from "./place.ts";

export interface SetBackRun {
  readonly times: number;
  /** Default `token-file`. */
  readonly kind?: StoreKind;
  readonly onSetBack?: (times: number) => void;
}

const limits = { heartbeatMs: 250, staleMs: 1_500, sentStaleMs: 1_500, commandTimeoutMs: 5_000 };

/** What happens to the store, and when. */
const events = [
  "set back after a renewal",
  "set back during a renewal",
  "emptied before a renewal",
  "emptied during a renewal",
  "emptied after a renewal",
] as const;
type Event = (typeof events)[number];

/**
 * A store forgets what it has confirmed, or everything, while a process lives that knows better. That one goes on from what it
 * knows and writes it back: no spent refresh token is sent, no login is lost, and nobody takes absence for a logout (SEC-53).
 */
export async function runSetBacks(
  tally: Tally,
  { times, kind = "token-file", onSetBack }: SetBackRun,
): Promise<void> {
  await using script = await bundleScript("./kill-child.ts");
  const place = await (kind === "redis" ? openRedisPair() : openLossyFolder());
  await using world = await World.make({ script, tally, limits, place });
  let knowing = world.start();
  for (let nth = 0; nth < times; nth++) {
    const event = events[nth % events.length] as Event;
    const fine = await setBack(world, place, event, knowing);
    tally.setBacks++;
    onSetBack?.(tally.setBacks);
    if (fine) continue;
    await world.end(knowing);
    await world.logIn();
    knowing = world.start();
  }
}

/** False: the login is lost. */
async function setBack(world: World, place: LossyPlace, event: Event, knowing: Victim): Promise<boolean> {
  const { tally, server } = world;
  const warm = { cold: false };
  const { refreshes, reuses } = server.counts;
  const replies: (Reply | undefined)[] = [await world.ask(knowing, warm)];
  await place.remember();
  world.expire();
  const act = (): Promise<void> => (event.startsWith("set") ? place.goBack() : place.empty());
  if (event.includes("before")) await act();
  if (event.includes("during")) {
    await server.fault("hold");
    const asked = world.ask(knowing, warm);
    await server.arrived(server.counts.tokenRequests + 1);
    await act();
    await server.fault(undefined);
    replies.push(await asked);
  } else replies.push(await world.ask(knowing, warm));
  if (event.includes("after")) await act();
  // It looks at the store when it needs something, and finds that it knows better; then the others find it there.
  world.expire();
  const other = world.start();
  replies.push(await world.ask(knowing, warm), await world.ask(other));
  await world.end(other);

  const found = await world.look();
  world.inspect(event, found);
  tally.refreshes += server.counts.refreshes - refreshes;
  world.blame("loops", `${event}: refreshes`, Math.abs(server.counts.refreshes - refreshes - 2));
  world.blame("reuses", event, server.counts.reuses - reuses);
  const failed = replies.filter((reply) => !reply?.tokenId);
  const [mine, theirs] = replies.slice(-2);
  if (failed.length > 0) world.blame("lost", `${event}: ${failed.map((reply) => reply?.message).join("; ")}`);
  else if (mine?.tokenId !== theirs?.tokenId || !(await world.serves(found)))
    world.blame("lost", `${event}: a token that nobody takes, or two`);
  else return true;
  return false;
}
