import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixed, isAuthError, Secret } from "@auth/core";
import { type TokenServer, tokenServer } from "@auth/testkit";
import type { Order, Reply } from "./kill-child.ts";
import { type Disk, readDisk } from "./kill-disk.ts";
import { type HastyLogin, hastyAuth } from "./kill-login.ts";
import type { Tally } from "./kill-tally.ts";
import { type Script, Victim } from "./kill-victim.ts";
import { type ShiftedClock, shiftedClock } from "./shifted-clock.ts";

const lifetimeMs = 3_600_000;

export interface WorldOptions {
  readonly script: Script;
  readonly tally: Tally;
  readonly limits?: HastyLogin["limits"];
  readonly policy?: HastyLogin["policy"];
  /** Where the token file lies. Default: a folder of its own, removed in the end. */
  readonly directory?: string;
}

/** One strict server, one token file, and real processes that share it. */
export class World implements AsyncDisposable {
  readonly server: TokenServer;
  readonly directory: string;
  readonly login: HastyLogin;
  readonly tally: Tally;
  readonly #own: boolean;
  readonly #script: Script;
  readonly #clock: ShiftedClock;
  readonly #alive = new Set<Victim>();
  #aheadMs = 0;

  private constructor(options: WorldOptions, server: TokenServer, clock: ShiftedClock, directory: string) {
    const limits = { heartbeatMs: 100, staleMs: 200, sentStaleMs: 200 };
    const path = join(directory, "tokens.json");
    const { policy, script, tally } = options;
    this.server = server;
    this.directory = directory;
    this.tally = tally;
    this.login = {
      issuer: server.issuer,
      clientId: "race",
      path,
      limits: options.limits ?? limits,
      ...(policy && { policy }),
    };
    this.#own = options.directory === undefined;
    this.#script = script;
    this.#clock = clock;
  }

  static async make(options: WorldOptions): Promise<World> {
    const clock = shiftedClock();
    const server = await tokenServer({ expiresIn: lifetimeMs / 1000, clock });
    server.clients.set("race", "");
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "kills-")));
    const world = new World(options, server, clock, directory);
    await world.logIn();
    return world;
  }

  /** A person logs in: at the beginning, and where nobody else can help. */
  async logIn(): Promise<void> {
    const seed = new Secret(this.server.seedRefreshToken({ clientId: "race" }));
    const credentials = fixed({ type: "refresh-token", refreshToken: seed } as const);
    await using auth = hastyAuth(this.login, this.#clock, { credentials });
    for (let tries = 1; ; tries++) {
      try {
        return void (await auth.login());
      } catch (error) {
        if (tries === 3 || !isAuthError(error) || error.reason !== "lock-lost") throw error;
        this.tally.again++;
      }
    }
  }

  start(options?: ConstructorParameters<typeof Victim>[1]): Victim {
    const victim = new Victim(this.#script, options);
    this.#alive.add(victim);
    this.tally.processes++;
    return victim;
  }

  async end(victim: Victim): Promise<void> {
    this.#alive.delete(victim);
    await victim.end();
  }

  /** The token that everybody has expires. */
  expire(byMs: number = lifetimeMs): void {
    this.#aheadMs += byMs;
    this.#clock.leap(byMs);
    this.tally.expiries++;
  }

  /** Asks again where nothing was sent, as the error says: on a slow machine a living holder can count as silent. */
  async ask(victim: Victim, about: Partial<Order> = {}): Promise<Reply | undefined> {
    const order = { login: this.login, aheadMs: this.#aheadMs, cold: true, ...about };
    const reply = await victim.ask(order);
    if (reply?.error !== "ERR_AUTH_UNREACHABLE/lock-lost" || order.blow?.signal === "SIGSTOP") return reply;
    this.tally.again++;
    return victim.ask({ ...order, blow: undefined });
  }

  disk(): Promise<Disk> {
    return readDisk(this.directory);
  }

  /** Whether a resource server takes what is stored. */
  async serves({ record }: Disk): Promise<boolean> {
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
  blame(
    what: "lost" | "reuses" | "unclear" | "loops" | "deleted" | "torn" | "wide" | "left",
    details: string,
    count = 1,
  ): void {
    if (count <= 0) return;
    this.tally[what] += count;
    this.tally.problems.push(`${what}: ${details}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#alive].map((victim) => victim.end()));
    await this.server.close();
    if (this.#own) await rm(this.directory, { recursive: true, force: true });
  }
}
