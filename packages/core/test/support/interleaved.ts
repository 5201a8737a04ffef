import {
  AccessToken,
  AuthError,
  type Clock,
  decodeRecord,
  type Grant,
  Secret,
  type TokenStore,
} from "@auth/core";

/** What may go wrong at one step: nothing, it never happens, it happens and nobody hears, its lock is taken away meanwhile. */
export type Fate = "ok" | "fails" | "answer-lost" | "lock-lost";

/** A store and a strict token server whose every step waits for its turn and may fail; they write down what must not be. */
export interface Interleaved {
  readonly store: TokenStore;
  /** The grant of one process. */
  readonly grant: (process: number) => Grant;
  /** What must never happen, as it happened. */
  readonly violations: string[];
  readonly requests: string[];
  /** Access tokens that came of a refresh, and those that were in the store at some time. */
  readonly refreshed: Set<string>;
  readonly saved: Set<string>;
  /** Logins under way. They may replace a newer record, and nothing else may. */
  logins: number;
  /** Sets the store back by so many writes; with none left it is empty. */
  readonly setBack: (writes: number) => void;
  /** Refresh tokens that the server would still take. */
  readonly living: () => string[];
}

interface Options {
  readonly lifetimeMs: number;
  /** Nobody gives up saving in this test. Default true. */
  readonly patient?: boolean;
  /** Somebody logs out in this test. Default false. */
  readonly deletable?: boolean;
  /** The store goes back, or is emptied, in this test: `self.setBack`. Default false. */
  readonly forgetful?: boolean;
}

const away = (what: string): AuthError => new AuthError("ERR_AUTH_UNREACHABLE", "network", `${what}: away`);

/**
 * `turn` waits until it is this step's turn, and says what becomes of it. Where the processes are not patient, one that gave
 * up saving lets another spend the same token, which nobody can prevent: then only its own memory is asked for.
 */
export function interleaved(
  clock: Clock,
  turn: (step: string) => Promise<Fate>,
  { lifetimeMs, patient = true, deletable = false, forgetful = false }: Options,
): Interleaved {
  const violations: string[] = [];
  const requests: string[] = [];
  const refreshed = new Set<string>();
  const saved = new Set<string>();
  /** Takes the lock away from its holder, as long as "sent" is not noted (SEC-78). */
  let loseLock = (): void => {};
  const { grant, living } = strictServer();
  const history: string[] = [];
  let setBack: (writes: number) => void = () => {};
  const store = sharedStore();
  const self: Interleaved = {
    store,
    grant,
    living,
    violations,
    requests,
    refreshed,
    saved,
    logins: 0,
    setBack: (back) => setBack(back),
  };
  return self;

  async function step<T>(name: string, work: () => T): Promise<T> {
    const fate = await turn(name);
    if (fate === "fails") throw away(name);
    if (fate === "lock-lost") loseLock();
    const result = work();
    await turn("answer");
    if (fate === "answer-lost") throw away(name);
    return result;
  }

  function sharedStore(): TokenStore {
    let entry: { value: string; generation: string } | undefined;
    let writes = 0;
    let queue = Promise.resolve();
    const serial = (access: string): number => Number(access.slice(3));
    setBack = (back) => {
      const value = history.at(-1 - back);
      entry = value === undefined ? undefined : { value, generation: `g${++writes}` };
      if (value !== undefined) history.push(value);
    };
    const kept = (): number => (entry ? serial(decodeRecord(entry.value).tokens.accessToken.reveal()) : 0);
    return {
      name: "interleaved",
      read: () => step("read", () => entry),
      prepare: () => step("prepare", () => {}),
      write: (_, value, expected) =>
        step("write", () => {
          if (entry?.generation !== expected) return undefined;
          const access = decodeRecord(value).tokens.accessToken.reveal();
          history.push(value);
          if (serial(access) < kept() && self.logins === 0)
            violations.push(`at-${kept()} was replaced by ${access}`);
          saved.add(access);
          entry = { value, generation: `g${++writes}` };
          return entry.generation;
        }),
      delete: (_, expected) =>
        step("delete", () => {
          if (entry === undefined || (expected !== undefined && entry.generation !== expected)) return false;
          if (!deletable) violations.push(`at-${kept()} was deleted`);
          entry = undefined;
          return true;
        }),
      async withLock(_, work, { signal, waitMs = 30_000 } = {}) {
        const before = queue;
        const mine = Promise.withResolvers<void>();
        queue = before.then(() => mine.promise);
        const over = new AbortController();
        const late = clock.sleep(waitMs, { signal: over.signal }).then(() => {
          throw new AuthError("ERR_AUTH_UNREACHABLE", "lock-timeout", "interleaved: held by another");
        });
        late.catch(() => {});
        try {
          await Promise.race([before, late]);
          over.abort();
          signal?.throwIfAborted();
          const lease = new AbortController();
          loseLock = () => {
            lease.abort();
            mine.resolve();
          };
          const sent = async (): Promise<void> => {
            await step("sent", () => {});
            if (!lease.signal.aborted) loseLock = () => {};
          };
          return await work({ signal: lease.signal, sent });
        } finally {
          over.abort();
          await turn("unlock");
          mine.resolve();
        }
      },
    };
  }

  function strictServer(): Pick<Interleaved, "grant" | "living"> {
    const tokens = new Map<
      string,
      { alive: boolean; heard: Set<number>; refusedTo: Set<number>; using: number; next: string[] }
    >();
    const ended = new Set<string>();
    let issued = 0;
    const issue = () => {
      issued++;
      const times = { obtainedAt: new Date(clock.now()), expiresAt: new Date(clock.now() + lifetimeMs) };
      tokens.set(`rt-${issued}`, { alive: true, heard: new Set(), refusedTo: new Set(), using: 0, next: [] });
      return {
        accessToken: new AccessToken(`at-${issued}`, times),
        refreshToken: new Secret(`rt-${issued}`),
      };
    };
    /** Ends a token and all that came of it. */
    const revoke = (text: string): void => {
      const token = tokens.get(text);
      if (!token || ended.has(text)) return;
      ended.add(text);
      token.alive = false;
      for (const next of token.next) revoke(next);
    };
    const living = (): string[] => [...tokens].filter(([, { alive }]) => alive).map(([text]) => text);
    const grant = (process: number): Grant => ({
      name: "strict",
      accepts: ["password"],
      partition: () => "alice",
      exchange: async () => {
        requests.push("exchange");
        return step("exchange", issue);
      },
      async refresh(set) {
        const text = set.refreshToken?.reveal() ?? "";
        const token = tokens.get(text);
        requests.push(`refresh ${text}`);
        if (!token) throw new Error(`${text} was never issued`);
        // Of a store that forgets, a process knows only what it has seen itself.
        const mine = forgetful || !patient;
        if (token.refusedTo.has(process) || (mine ? token.heard.has(process) : token.heard.size > 0))
          violations.push(`${text} was sent again after an answer`);
        if (++token.using > 1) violations.push(`${text} was sent by two at once`);
        try {
          const answer = await step("refresh", () => {
            const good = token.alive;
            if (!good) revoke(text); // used twice: the whole family ends
            token.alive = false;
            if (!good) return undefined;
            const fresh = issue();
            token.next.push(fresh.refreshToken.reveal());
            refreshed.add(fresh.accessToken.reveal());
            return fresh;
          });
          // Others learn of a refusal by the mark in the store, which may fail to get there.
          (answer ? token.heard : token.refusedTo).add(process);
          if (!answer) throw new AuthError("ERR_AUTH_GRANT", "refresh-token-rejected", "strict: refused");
          return answer;
        } finally {
          token.using--;
        }
      },
      revoke: (set) => step("revoke", () => revoke(set.refreshToken?.reveal() ?? "")),
    });
    return { grant, living };
  }
}
