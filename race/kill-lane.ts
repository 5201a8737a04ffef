import type { Reply } from "./kill-child.ts";
import type { Disk } from "./kill-disk.ts";
import type { HastyLogin } from "./kill-login.ts";
import type { Blow } from "./kill-steps.ts";
import type { Victim } from "./kill-victim.ts";
import { World, type WorldOptions } from "./kill-world.ts";

/** One kill: at a step of the transaction, or some time after it began. */
export interface Kill {
  readonly blow?: Blow;
  readonly afterMs?: number;
  /** The victim has just started, and knows nothing but what is stored. */
  readonly cold: boolean;
  /** So many others want the same token at the same time. */
  readonly crowd?: number;
}

/** With others about, a holder that the machine keeps waiting is not to count as silent: that would be another test. */
const patient = { heartbeatMs: 150, staleMs: 600, sentStaleMs: 600 };

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
    const before = { ...server.counts, disk: await world.disk() };
    const login = crowd > 0 ? { ...world.login, limits: patient } : world.login;
    world.expire();
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
      tally.kills++;
      if (blow) tally.steps.add(`${blow.moment} ${blow.at} ${cold}`);
      await world.end(this.#victim);
      await world.settled();
      const when = blow ? `${blow.moment} step ${blow.at}` : `after ${afterMs?.toFixed(1)} ms`;
      await this.#judge(when, before, witnesses, login);
    }
    this.#victim = this.#heir;
    this.#heir = world.start();
    return !reply;
  }

  /** What the kill has left, and what those who come after it make of that. */
  async #judge(
    when: string,
    before: {
      readonly refreshes: number;
      readonly reuses: number;
      readonly tokenRequests: number;
      disk: Disk;
    },
    witnesses: readonly Promise<Reply | undefined>[],
    login: HastyLogin,
  ): Promise<void> {
    const { world } = this;
    const { tally, server } = world;
    const atDeath = await world.disk();
    const rotated = server.counts.refreshes > before.refreshes;
    const saved = atDeath.record?.refreshToken !== before.disk.record?.refreshToken;
    this.#look(when, atDeath);

    const found = await Promise.all([...witnesses, world.ask(this.#heir, { login })]);
    const after = await world.disk();
    this.#look(`${when}, afterwards`, after);
    // Whoever finds the new token needs no lock, and whoever has it already will clean up another time.
    if (!saved && witnesses.length === 0)
      world.blame("left", `${when}: ${after.others.join(", ")}`, after.others.length);
    for (const reply of found) this.#measure(reply);
    const refreshes = server.counts.refreshes - before.refreshes;
    const reuses = server.counts.reuses - before.reuses;
    tally.refreshes += refreshes;
    world.blame("loops", `${when}: ${refreshes} refreshes`, refreshes - 1);
    if (rotated && !saved && reuses > 0) return this.#inWindow(when, found, reuses);
    world.blame("reuses", when, reuses);
    const failed = found.filter((reply) => !reply?.tokenId);
    world.blame("lost", `${when}: ${failed.map((reply) => reply?.message).join("; ")}`, failed.length);
    if (failed.length === 0 && !(await world.serves(after)))
      world.blame("lost", `${when}: a token that nobody takes`);
    if (failed.length > 0) await world.logIn();
  }

  /** The answer had left the server, and was in no file: a person has to log in, and is told so once and for all. */
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
    const { record } = await world.disk();
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
    this.world.tally.disksMs.push(reply.steps.diskMs);
  }

  #look(when: string, disk: Disk): void {
    if (disk.torn) this.world.blame("torn", when);
    else if (!disk.record) this.world.blame("deleted", when);
    this.world.blame("wide", `${when}: ${disk.wide.join(", ")}`, disk.wide.length);
  }

  /** One more refresh, which leaves nothing but the token file. */
  async finish(): Promise<void> {
    await this.rehearse(true);
    const { others } = await this.world.disk();
    this.world.blame("left", `in the end: ${others.join(", ")}`, others.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
