import { setImmediate as macrotask } from "node:timers/promises";
import { type AccessToken, type Auth, createAuth, isAuthError } from "@auth/core";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import type { Scenario, Step, StoredFacts } from "./vector.ts";
import { partition, type VectorServer, vectorServer } from "./vector-server.ts";
import { type VectorSource, vectorSource } from "./vector-source.ts";
import { type VectorStore, vectorStore } from "./vector-store.ts";

/** What came of a call: a token's text, or `CODE/reason`; absent while it waits. */
export interface Call {
  readonly name: string;
  readonly leave: AbortController;
  outcome?: string | null;
  retryAfterMs?: number | undefined;
}

/** One scenario under way. */
export interface VectorWorld {
  readonly server: VectorServer;
  readonly source: VectorSource | undefined;
  readonly waiting: Set<Call>;
  /** Does what the step says; resolves to the calls it made. */
  perform(step: Step): Promise<Call[]>;
  stored(): Promise<StoredFacts | null>;
  /** `status().next`. A look draws no number that a token would have drawn. */
  next(): Promise<string>;
}

/** 2026-01-01: what a scenario calls 0. */
const start = Date.UTC(2026, 0, 1);

export async function vectorWorld(scenario: Scenario): Promise<VectorWorld> {
  const { random = [0], policy, grant, source: facts = {}, login } = scenario;
  let drawn = 0;
  let looking = false;
  const draw = (): number => random[Math.min(looking ? drawn : drawn++, random.length - 1)] ?? 0;
  const clock = fakeClock({ now: start, random: draw });
  const server = vectorServer(clock, grant);
  const source = facts && grant?.credential !== "none" ? vectorSource(grant?.credential, facts) : undefined;
  const vault = vectorStore(clock, login ?? partition, start);
  if (scenario.stored) await vault.put(scenario.stored);

  const open = (): Auth =>
    createAuth({
      grant: server.grant,
      credentials: source?.provider,
      store: vault.store,
      clock,
      policy,
      name: login,
    });
  let auth = open();
  const known = new Map<string, AccessToken>();
  const waiting = new Set<Call>();

  function call(name: string, work: (signal: AbortSignal) => Promise<AccessToken | string>): Call {
    const made: Call = { name, leave: new AbortController() };
    waiting.add(made);
    const ended = (outcome: string | null): void => {
      made.outcome = outcome;
    };
    work(made.leave.signal).then(
      (result) => ended(typeof result === "string" ? result : note(result)),
      (thrown) => {
        if (isAuthError(thrown)) made.retryAfterMs = thrown.retryAfterMs;
        ended(made.leave.signal.aborted ? "left" : textOf(thrown));
      },
    );
    return made;
  }
  const note = (token: AccessToken): string => {
    known.set(token.reveal(), token);
    return token.reveal();
  };

  async function perform(step: Step): Promise<Call[]> {
    switch (step.do) {
      case "get": {
        const { forceRefresh, minTtlMs, callers = 1, times = 1, as = "" } = step;
        const plain = forceRefresh === undefined && minTtlMs === undefined && as === "";
        for (let done = 1; done < times; done++) note(await auth.getToken());
        return Array.from({ length: callers }, () =>
          call(as, (signal) => auth.getToken(plain ? undefined : { forceRefresh, minTtlMs, signal })),
        );
      }
      case "peek": {
        const token = auth.peek();
        return [{ name: "", leave: new AbortController(), outcome: token ? note(token) : null }];
      }
      case "login":
        return [call(step.as ?? "", (signal) => auth.login({ signal }))];
      case "logout": {
        const ended = async (): Promise<string> =>
          (await auth.logout()).complete ? "complete" : "incomplete";
        return [call(step.as ?? "", ended)];
      }
      case "reject": {
        const token = known.get(step.token);
        if (!token) throw new Error(`${step.token} was never handed out`);
        auth.reject(token);
        return [];
      }
      case "leave":
        for (const each of waiting) if (each.name === step.call) each.leave.abort();
        return [];
      case "restart":
        auth = open();
        return [];
      default:
        await around(step, { clock, server, source, vault });
        return [];
    }
  }

  return {
    server,
    source,
    waiting,
    perform,
    stored: () => vault.look(),
    async next() {
      looking = true;
      try {
        return (await auth.status()).next;
      } finally {
        looking = false;
      }
    },
  };
}

interface Around {
  readonly clock: FakeClock;
  readonly server: VectorServer;
  readonly source: VectorSource | undefined;
  readonly vault: VectorStore;
}

/** What happens around the `Auth`: time, server, source, store and other processes. */
async function around(step: Step, { clock, server, source, vault }: Around): Promise<void> {
  switch (step.do) {
    case "advance":
      return clock.advance(step.ms);
    case "wall":
      return clock.shiftWall(step.ms);
    case "monotonic":
      return clock.advanceMonotonic(step.ms);
    case "release":
      return server.release();
    case "save":
      return vault.fail(step.fails, step.error);
    case "answer":
      server.queue.push(...(step.answers ?? []));
      server.usual = step.always ?? server.usual;
      return;
    case "source":
      if (!source) throw new Error("there is no source");
      source.secret = step.secret ?? source.secret;
      source.cached = step.cached;
      source.error = step.gone ? "NOT_FOUND/not-set" : step.error;
      return;
    case "sibling": {
      const { writes, deletes, logsOut, goesBack, marksDead, locks, unlocks, breaksLock } = step;
      if (writes) await vault.put(writes);
      if (deletes) await vault.edit(() => undefined);
      if (logsOut) await vault.logOut();
      if (goesBack !== undefined) await vault.goBack(goesBack);
      if (marksDead !== undefined)
        await vault.edit((record) => ({ ...record, dead: { reason: marksDead, at: new Date(clock.now()) } }));
      if (locks) await vault.lock();
      if (unlocks) vault.unlock();
      if (breaksLock) vault.breakLock();
      return;
    }
    default:
      throw new Error(`there is no step "${String((step as { do?: unknown }).do)}"`);
  }
}

function textOf(thrown: unknown): string {
  if (isAuthError(thrown)) return `${thrown.code.replace("ERR_AUTH_", "")}/${thrown.reason}`;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

/** Lets whatever needs no time go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await macrotask();
}
