import { spawn } from "node:child_process";
import { once } from "node:events";
import { bundleScript, type Script } from "./bundle-script.ts";
import { newTally, type Tally } from "./kill-tally.ts";
import { World } from "./kill-world.ts";
import type { SharedLogin } from "./login.ts";

export const ends = ["return", "process.exit()", "exception", "SIGTERM", "SIGINT"] as const;

/** How a program ends. */
export type End = (typeof ends)[number];

/** What one short-lived process does. */
export interface ExitOrder {
  readonly login: SharedLogin;
  readonly aheadMs: number;
  readonly calls: number;
  /** Between two calls. */
  readonly gapMs: number;
  /** How long an answer is on its way. */
  readonly answerMs: number;
  readonly end: End;
  /** The end comes so long after the first call began, or after the last one had its token. */
  readonly afterMs: number;
  readonly late: boolean;
}

export interface ExitRun {
  readonly runs: number;
  readonly onExit?: (exits: number) => void;
}

/** Two at a time: more would only wait for each other. */
const lanes = 2;
const lifetimeMs = 3_600_000;
/** Those of everybody: what the next process waits for is what people wait for. */
const limits = { heartbeatMs: 5_000, staleMs: 30_000, sentStaleMs: 60_000, commandTimeoutMs: 5_000 };

const dead = "ERR_AUTH_INTERACTION_REQUIRED/refresh-token-rejected";

/** A number up to `most`, small ones as often as large ones. */
const upTo = (most: number): number => most * Math.random() ** 2;

/**
 * Short-lived processes ask for a token in its early window and end at any time, in any way. The token that they ask for is
 * good: no login is lost by one in which no caller was waiting, and the next one has its token at once (SEC-64).
 */
export async function runExits({ runs, onExit }: ExitRun): Promise<Tally> {
  const tally = newTally();
  await using script = await bundleScript("./exit-child.ts");
  const lane = async (share: number): Promise<void> => {
    await using world = await World.make({ script, tally, limits });
    for (let nth = share; nth < runs; nth += lanes) {
      await endOne(world, script, ends[nth % ends.length] as End);
      onExit?.(tally.exits);
    }
    const { others } = await world.look();
    world.blame("left", `in the end: ${others.join(", ")}`, others.length);
  };
  const all = await Promise.allSettled(Array.from({ length: lanes }, (_, share) => lane(share)));
  for (const each of all) if (each.status === "rejected") throw each.reason;
  return tally;
}

async function endOne(world: World, script: Script, end: End): Promise<void> {
  const { tally, server, login } = world;
  // Somewhere in the early window: that begins 5 to 20 min before the end and ends 30 s before it.
  world.expire(lifetimeMs - 40_000 - Math.random() * 200_000);
  const { refreshes, reuses } = server.counts;
  const requests = server.requests.length;
  const late = Math.random() < 0.6;
  const answerMs = 200 * Math.random();
  const order: ExitOrder = {
    login,
    aheadMs: world.aheadMs,
    calls: 1 + Math.floor(Math.random() * 4),
    gapMs: upTo(60),
    answerMs,
    end,
    late,
    // A renewal behind the callers would send some time after the last of them, and wait for its answer then.
    afterMs: late ? (answerMs + 100) * Math.random() : upTo(300),
  };
  const { pid, said } = await run(world, script, order);
  tally.exits++;
  const when = `${end} ${late ? "late, " : ""}after ${order.afterMs.toFixed(0)} ms, answers take ${order.answerMs.toFixed(0)} ms, said ${said}`;
  const count = (mark: string): number => said.split(mark).length - 1;
  const waiting = count("(") > count(")") + count("[");
  if (waiting) tally.waiting++;
  if (said.includes("[")) world.blame("lost", `${when}: the token was good, and not to be had`);
  await world.settled();
  const sent = world.sentBy({ pid }, requests);
  world.blame("loops", `${when}: ${sent} requests`, sent - 1);
  if (server.counts.refreshes > refreshes) tally.early++;
  tally.refreshes += server.counts.refreshes - refreshes;
  world.inspect(when, await world.look());
  await succeed(world, when, waiting, reuses);
}

/** The next one needs a new token. */
async function succeed(world: World, when: string, waiting: boolean, reuses: number): Promise<void> {
  const { tally, server } = world;
  const { refreshes } = server.counts;
  world.expire();
  const startedAt = performance.now();
  const { error, message } = await world.callHere();
  tally.waitsMs.push(performance.now() - startedAt);
  tally.refreshes += server.counts.refreshes - refreshes;
  const reused = server.counts.reuses - reuses;
  if (error === undefined) {
    world.blame("reuses", when, reused);
    if (!(await world.serves(await world.look()))) world.blame("lost", `${when}: a token that nobody takes`);
    return;
  }
  if (error !== dead) world.blame("unclear", `${when}: ${message}`);
  if (waiting) {
    tally.inWindow++;
    tally.reusesInWindow += reused;
  } else {
    world.blame("lost", `${when}: ${message}`);
    world.blame("reuses", when, reused);
  }
  await world.logIn();
}

async function run(world: World, script: Script, order: ExitOrder): Promise<{ pid: number; said: string }> {
  const { end, afterMs } = order;
  const env = { PATH: process.env["PATH"], ...script.env };
  const child = spawn(process.execPath, [script.path, JSON.stringify(order)], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  world.tally.processes++;
  const ended = once(child, "close"); // and all that it said is here
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (text.includes(".") && (end === "SIGTERM" || end === "SIGINT"))
      setTimeout(() => child.kill(end), afterMs);
  });
  const [code, signal] = (await ended) as [code: number | null, signal: NodeJS.Signals | null];
  if (code === 9 || (end.startsWith("SIG") && signal !== end))
    world.blame("unclear", `${end}: it ended otherwise: ${code ?? signal}`);
  return { pid: child.pid ?? 0, said };
}
