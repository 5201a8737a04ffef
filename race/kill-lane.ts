import type { Contents } from "./contents.ts";
import type { Reply } from "./kill-child.ts";
import type { Blow } from "./kill-steps.ts";
import type { Victim } from "./kill-victim.ts";
import { World, type WorldOptions } from "./kill-world.ts";
import type { SharedLogin } from "./login.ts";

/** One kill: at a step of the transaction, or some time after it began. */
export interface Kill {
  readonly blow?: Blow;
  readonly afterMs?: number;
  /** The victim has just started, and knows nothing but what is stored. */
  readonly cold: boolean;
  /** So many others want the same token at the same time. */
  readonly crowd?: number;
}

/** How things stood before a kill. */
interface Before {
  readonly refreshes: number;
  readonly reuses: number;
  readonly contents: Contents;
}

/** With others about, a holder that the machine keeps waiting is not to count as silent: that would be another test. */
const patient = { heartbeatMs: 150, staleMs: 600, sentStaleMs: 600, commandTimeoutMs: 5_000 };

const dead = "ERR_AUTH_INTERACTION_REQUIRED/refresh-token-rejected";

/**
 * Kills one process after the other in the middle of a refresh. A process that has just started has to find a login that is
 * complete, the old one or the new one, and is the next victim.
 */
export class Lane implements AsyncDisposable {
  readonly world: World;
  #victim: Victim;
  /** Starts while its predecessor dies. */
  #heir: Victim;
  #crowd: Victim[] = [];

  private constructor(world: World) {
    this.world = world;
    this.#victim = world.start();
    this.#heir = world.start();
  }

  static async open(options: WorldOptions): Promise<Lane> {
    return new Lane(await World.make(options));
  }

  /** A refresh that nobody disturbs: what its steps are. */
  async rehearse(cold: boolean): Promise<Reply> {
    this.world.expire();
    const reply = await this.world.ask(this.#victim, { cold });
    if (!reply?.tokenId) throw new Error(`no refresh without a kill: ${reply?.error ?? "it died"}`);
    this.world.tally.refreshes++;
    return reply;
  }

  /** False: the victim was done before. */
  async kill({ blow, afterMs, cold, crowd = 0 }: Kill): Promise<boolean> {
    const { world } = this;
    const { tally, server } = world;
    while (this.#crowd.length < crowd) this.#crowd.push(world.start());
    const before: Before = {
      refreshes: server.counts.refreshes,
      reuses: server.counts.reuses,
      contents: await world.look(),
    };
    const login = crowd > 0 ? { ...world.login, limits: patient } : world.login;
    world.expire();
    const requests = server.requests.length;
    const witnesses = this.#crowd.slice(0, crowd).map((each) => world.ask(each, { login, cold: false }));
    const timer =
      afterMs === undefined ? undefined : setTimeout(() => this.#victim.signal("SIGKILL"), afterMs);
    const reply = await world.ask(this.#victim, { login, cold: cold || crowd > 0, blow });
    clearTimeout(timer);
    if (reply) {
      tally.spared++;
      this.#spared(reply, await Promise.all(witnesses));
      tally.refreshes += server.counts.refreshes - before.refreshes;
      world.blame("loops", "nobody was killed", server.counts.refreshes - before.refreshes - 1);
      world.blame("reuses", "nobody was killed", server.counts.reuses - before.reuses);
      if (afterMs === undefined) return false;
      await world.end(this.#victim); // the kill may be on its way
    } else {
      const when = blow ? `killed ${blow.moment} step ${blow.at}` : `killed after ${afterMs?.toFixed(1)} ms`;
      const signal = await world.end(this.#victim);
      if (signal === "SIGKILL") tally.kills++;
      else world.blame("lost", `${when}: it ended by itself`);
      if (blow) tally.steps.add(`${blow.moment} ${blow.at} ${cold}`);
      await world.settled();
      const sent = world.sentBy(this.#victim, requests);
      world.blame("loops", `${when}: ${sent} requests by the killed process`, sent - 1);
      await this.#judge(when, before, sent > 0, witnesses, login);
    }
    this.#victim = this.#heir;
    this.#heir = world.start();
    return !reply;
  }

  /** What the kill has left, and what those who come after it make of that. */
  async #judge(
    when: string,
    before: Before,
    sent: boolean,
    witnesses: readonly Promise<Reply | undefined>[],
    login: SharedLogin,
  ): Promise<void> {
    const { world } = this;
    const { tally, server } = world;
    const atDeath = await world.look();
    const saved = atDeath.record?.refreshToken !== before.contents.record?.refreshToken;
    world.inspect(when, atDeath);

    const found = await Promise.all([...witnesses, world.ask(this.#heir, { login })]);
    const after = await world.look();
    world.inspect(`${when}, afterwards`, after);
    if (witnesses.length === 0 && !saved) {
      if (atDeath.lock.locked) tally.stale++;
      // Whoever finds the new token needs no lock, and whoever has it already will clean up another time.
      world.blame("left", `${when}: ${after.others.join(", ")}`, after.others.length);
    }
    for (const reply of found) this.#measure(reply);
    const refreshes = server.counts.refreshes - before.refreshes;
    const reuses = server.counts.reuses - before.reuses;
    tally.refreshes += refreshes;
    world.blame("loops", `${when}: ${refreshes} refreshes`, refreshes - 1);
    if (sent && !saved && reuses > 0) return this.#inWindow(when, found, reuses);
    world.blame("reuses", when, reuses);
    const failed = found.filter((reply) => !reply?.tokenId);
    world.blame("lost", `${when}: ${failed.map((reply) => reply?.message).join("; ")}`, failed.length);
    if (failed.length === 0 && !(await world.serves(after)))
      world.blame("lost", `${when}: a token that nobody takes`);
    if (failed.length > 0) await world.logIn();
  }

  /** The answer had left the server, and was in no store: a person has to log in, and is told so once and for all. */
  async #inWindow(when: string, found: readonly (Reply | undefined)[], reuses: number): Promise<void> {
    const { world } = this;
    const { tally, server } = world;
    tally.inWindow++;
    tally.reusesInWindow += reuses;
    world.blame("loops", `${when}: ${reuses} reuses`, reuses - 1);
    const others = found.filter((reply) => reply?.error !== dead);
    world.blame("unclear", `${when}: ${others.map((reply) => reply?.error).join("; ")}`, others.length);
    const { tokenRequests } = server.counts;
    for (const cold of [false, true]) {
      const again = await world.ask(this.#heir, { cold });
      if (again?.error !== dead) world.blame("unclear", `${when}: ${again?.error} when asked again`);
    }
    world.blame("loops", `${when}: asked again`, server.counts.tokenRequests - tokenRequests);
    const { record } = await world.look();
    if (!record?.dead) world.blame("deleted", `${when}: the record is ${record ? "not marked" : "gone"}`);
    await world.logIn();
  }

  #spared(reply: Reply, witnesses: readonly (Reply | undefined)[]): void {
    const failed = [reply, ...witnesses].filter((each) => !each?.tokenId);
    this.world.blame(
      "lost",
      `nobody was killed: ${failed.map((each) => each?.message).join("; ")}`,
      failed.length,
    );
    this.#measure(reply);
  }

  #measure(reply: Reply | undefined): void {
    if (reply?.steps.windowMs === undefined) return;
    this.world.tally.windowsMs.push(reply.steps.windowMs);
  }

  /** One more refresh, which leaves nothing but the login. */
  async finish(): Promise<void> {
    await this.rehearse(true);
    const { others } = await this.world.look();
    this.world.blame("left", `in the end: ${others.join(", ")}`, others.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
