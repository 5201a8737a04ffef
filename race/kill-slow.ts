import { setTimeout as sleep } from "node:timers/promises";
import { bundleScript } from "./bundle-script.ts";
import type { Tally } from "./kill-tally.ts";
import { World } from "./kill-world.ts";
import type { StoreKind } from "./login.ts";
import { openPlace } from "./place.ts";

export interface SlowRun {
  readonly times: number;
  /** Default `token-file`. */
  readonly kind?: StoreKind;
  readonly onSlow?: (times: number) => void;
}

/** A living holder on a busy machine may be late with a sign of life, or with a few. */
const limits = { heartbeatMs: 250, staleMs: 1_250, sentStaleMs: 1_250, commandTimeoutMs: 5_000 };
const lastsMs = 2 * limits.sentStaleMs;
const impatient = { lockWaitMs: 400 };

/**
 * The server takes longer to answer than a lock lasts without a sign of life. Its holder gives signs of life: those who can wait
 * get its token, those who cannot are told who is in the way, and nobody else asks (SEC-78).
 */
export async function runSlow(tally: Tally, { times, kind = "token-file", onSlow }: SlowRun): Promise<void> {
  await using script = await bundleScript("./kill-child.ts");
  await using world = await World.make({ script, tally, limits, place: await openPlace(kind) });
  const { server, login } = world;
  const processes = Array.from({ length: 4 }, () => world.start());
  const hasty = { login: { ...login, policy: impatient } };
  for (let nth = 0; nth < times; nth++) {
    const when = `a slow answer, time ${nth + 1}`;
    const { refreshes, reuses, tokenRequests } = server.counts;
    world.expire();
    await server.fault("hold");
    const asked = processes.map((each, at) => world.ask(each, at === 0 ? hasty : {}));
    await server.arrived(tokenRequests + 1);
    tally.troubles++;
    await sleep(lastsMs);
    world.blame("loops", when, server.counts.tokenRequests - tokenRequests - 1);
    await server.fault(undefined);
    const [first, ...replies] = await Promise.all(asked);
    tally.told += Number(first?.error !== undefined);
    if (first?.error && !/lock-timeout.*process \d+ /s.test(`${first.error} ${first.message}`))
      world.blame("unclear", `${when}: ${first.message}`);
    const tokens = new Set(replies.map((reply) => reply?.tokenId));
    if (tokens.size !== 1 || tokens.has(undefined))
      world.blame("lost", `${when}: ${replies.map((reply) => reply?.message ?? reply?.tokenId).join("; ")}`);
    const contents = await world.look();
    world.inspect(when, contents);
    if (!(await world.serves(contents))) world.blame("lost", `${when}: a token that nobody takes`);
    tally.refreshes += server.counts.refreshes - refreshes;
    world.blame("loops", when, server.counts.tokenRequests - tokenRequests - 1);
    world.blame("reuses", when, server.counts.reuses - reuses);
    onSlow?.(nth + 1);
  }
}
