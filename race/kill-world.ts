import { fixed, isAuthError, Secret } from "@auth/core";
import { type TokenServer, tokenServer } from "@auth/testkit";
import type { Script } from "./bundle-script.ts";
import type { Contents } from "./contents.ts";
import type { Order, Reply } from "./kill-child.ts";
import type { Fault, Tally } from "./kill-tally.ts";
import { Victim } from "./kill-victim.ts";
import { openStore, processHeader, type SharedLogin, sharedAuth } from "./login.ts";
import { openFolder, type Place } from "./place.ts";
import { type ShiftedClock, shiftedClock } from "./shifted-clock.ts";

const lifetimeMs = 3_600_000;

/**
 * A dead holder is found out soon, and a living one on a busy machine can still give its signs of life. Over Redis it gives up by
 * itself without them; beside a token file only when somebody takes over.
 */
const hasty = {
  "token-file": { heartbeatMs: 25, staleMs: 100, sentStaleMs: 100, commandTimeoutMs: 5_000 },
  redis: { heartbeatMs: 50, staleMs: 250, sentStaleMs: 250, commandTimeoutMs: 5_000 },
};

export interface WorldOptions {
  readonly script: Script;
  readonly tally: Tally;
  readonly limits?: SharedLogin["limits"];
  readonly policy?: SharedLogin["policy"];
  /** Where the login lies, and is no longer when the world ends. Default: a folder of its own. */
  readonly place?: Place;
}

/** One strict server, one store, and real processes that share it. */
export class World implements AsyncDisposable {
  readonly server: TokenServer;
  readonly login: SharedLogin;
  readonly tally: Tally;
  readonly place: Place;
  readonly #script: Script;
  readonly #clock: ShiftedClock;
  readonly #alive = new Set<Victim>();
  #aheadMs = 0;

  private constructor(options: WorldOptions, server: TokenServer, clock: ShiftedClock, place: Place) {
    const { kind, path } = place;
    const { policy, script, tally, limits = hasty[kind] } = options;
    this.server = server;
    this.place = place;
    this.tally = tally;
    this.login = { issuer: server.issuer, clientId: "race", kind, path, limits, ...(policy && { policy }) };
    this.#script = script;
    this.#clock = clock;
  }

  static async make(options: WorldOptions): Promise<World> {
    const clock = shiftedClock();
    const server = await tokenServer({ expiresIn: lifetimeMs / 1000, clock });
    server.clients.set("race", "");
    const world = new World(options, server, clock, options.place ?? (await openFolder()));
    await world.logIn();
    return world;
  }

  /** A person logs in: at the beginning, and where nobody else can help. */
  async logIn(): Promise<void> {
    const seed = new Secret(this.server.seedRefreshToken({ clientId: "race" }));
    const credentials = fixed({ type: "refresh-token", refreshToken: seed } as const);
    await using store = await openStore(this.login);
    await using auth = sharedAuth(this.login, store, this.#clock, { credentials });
    try {
      await auth.login();
    } catch (error) {
      if (!isAuthError(error) || error.reason !== "lock-lost") throw error;
      this.blame("again", "a login");
      await auth.login();
    }
  }

  /** How far everybody's clock stands ahead. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** One call, as in a process that has just started, without one. */
  async callHere(): Promise<{ readonly error?: string; readonly message?: string }> {
    await using store = await openStore(this.login);
    await using auth = sharedAuth(this.login, store, this.#clock);
    try {
      await auth.getToken();
      return {};
    } catch (error) {
      const known = isAuthError(error);
      return { error: known ? `${error.code}/${error.reason}` : String(error), message: String(error) };
    }
  }

  start(options?: ConstructorParameters<typeof Victim>[1]): Victim {
    const victim = new Victim(this.#script, options);
    this.#alive.add(victim);
    this.tally.processes++;
    return victim;
  }

  end(victim: Victim): Promise<NodeJS.Signals | null> {
    this.#alive.delete(victim);
    return victim.end();
  }

  /** The token that everybody has expires. */
  expire(byMs: number = lifetimeMs): void {
    this.#aheadMs += byMs;
    this.#clock.leap(byMs);
    this.tally.expiries++;
  }

  /** Asks again where a living holder counted as silent and nothing was sent, as the error says. It is a fault all the same. */
  async ask(victim: Victim, about: Partial<Order> = {}): Promise<Reply | undefined> {
    const order = { login: this.login, aheadMs: this.#aheadMs, cold: true, ...about };
    const reply = await victim.ask(order);
    if (reply?.error !== "ERR_AUTH_UNREACHABLE/lock-lost" || order.blow?.signal === "SIGSTOP") return reply;
    this.blame("again", `${reply.message}`);
    return victim.ask({ ...order, blow: undefined });
  }

  look(): Promise<Contents> {
    return this.place.look();
  }

  /** How many token requests this process has sent since there were `before` requests. */
  sentBy({ pid }: Pick<Victim, "pid">, before: number): number {
    return this.server.requests
      .slice(before)
      .filter(({ path, headers }) => path === "/token" && headers[processHeader] === `${pid}`).length;
  }

  /** Whether a resource server takes what is stored. */
  async serves({ record }: Contents): Promise<boolean> {
    const authorization = `Bearer ${record?.accessToken}`;
    const response = await fetch(this.server.resource, { headers: { authorization } });
    await response.body?.cancel();
    return response.status === 200;
  }

  /** Resolves when the server has read whatever had reached it. */
  async settled(): Promise<void> {
    for (let time = 0; time < 2; time++) await (await fetch(this.server.countsUrl)).text();
  }

  /** Something that must not be. */
  blame(what: Fault, details: string, count = 1): void {
    if (count <= 0) return;
    this.tally[what] += count;
    this.tally.problems.push(`${this.place.kind}, ${what}: ${details}`);
  }

  /** What is in the store must be whole, and nobody else's to read. */
  inspect(when: string, contents: Contents): void {
    if (contents.torn) this.blame("torn", when);
    else if (!contents.record) this.blame("deleted", when);
    this.blame("wide", `${when}: ${contents.wide.join(", ")}`, contents.wide.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#alive].map((victim) => victim.end()));
    await this.server.close();
    await this.place[Symbol.asyncDispose]();
  }
}
