import {
  AccessToken,
  AuthError,
  type Clock,
  decodeRecord,
  encodeRecord,
  type TokenRecord,
  type TokenStore,
} from "@auth/core";

type Step = "lock" | "read" | "prepare" | "sent" | "write" | "delete" | "unlock";

/** A store in memory whose every step can be watched, held, failed, or done without its answer arriving. */
export interface TestStore extends TokenStore {
  /** What was called, in order: `lock`, `read`, `write` … */
  readonly log: Step[];
  /** Called before a step does its work: throws to fail it, waits to hold it. */
  before: { [step in Step]?: (key: string) => unknown };
  /** Called when the work is done: throws to lose the answer. */
  after: { [step in Step]?: (key: string) => unknown };
  /** Ends the lease of whoever holds the lock now. */
  loseLock(): void;
  /** The login under `key`, decoded. */
  record(key?: string): TokenRecord | undefined;
  /** Puts a record or text there, as another process does. */
  put(value: TokenRecord | string, key?: string): void;
  /** Somebody logged out: the mark lies under `key`. */
  ended(key?: string): boolean;
  /** Leaves the mark of a logout, as another process does. */
  logOut(key?: string): void;
  /** All the text there is, but for the marks of logouts, which hold nothing. */
  texts(): string[];
}

const usual = "acme alice";

function isMark(value: string): boolean {
  try {
    return decodeRecord(value).ended !== undefined;
  } catch {
    return false; // put there by a test
  }
}

/** `perKey`: generations are counted for each key, as in a file of its own. */
export function testStore(clock: Clock, { perKey = false }: { perKey?: boolean } = {}): TestStore {
  const entries = new Map<string, { value: string; generation: string }>();
  const counts = new Map<string, number>();
  const queues = new Map<string, Promise<void>>();
  const leases = new Set<AbortController>();

  const put = (value: string, key: string): string => {
    const counter = perKey ? key : "";
    const count = (counts.get(counter) ?? 0) + 1;
    counts.set(counter, count);
    entries.set(key, { value, generation: `g${count}` });
    return `g${count}`;
  };
  async function step<T>(name: Step, key: string, work: () => T): Promise<T> {
    store.log.push(name);
    await store.before[name]?.(key);
    const result = work();
    await store.after[name]?.(key);
    return result;
  }

  const store: TestStore & Required<Pick<TokenStore, "withLock">> = {
    name: "test store",
    log: [],
    before: {},
    after: {},
    read: (key) => step("read", key, () => entries.get(key)),
    write: (key, value, expected) =>
      step("write", key, () => (entries.get(key)?.generation === expected ? put(value, key) : undefined)),
    delete: (key, expected) =>
      step("delete", key, () => {
        if (expected !== undefined && entries.get(key)?.generation !== expected) return false;
        return entries.delete(key);
      }),
    prepare: (key) => step("prepare", key, () => {}),
    async withLock(key, work, { signal, waitMs = 30_000 } = {}) {
      await step("lock", key, () => {});
      const before = queues.get(key) ?? Promise.resolve();
      const turn = Promise.withResolvers<void>();
      queues.set(
        key,
        before.then(() => turn.promise),
      );
      try {
        await patience(clock, before, waitMs, signal);
        const lease = new AbortController();
        leases.add(lease);
        try {
          return await work({ signal: lease.signal, sent: () => step("sent", key, () => {}) });
        } finally {
          leases.delete(lease);
          await step("unlock", key, () => {});
        }
      } finally {
        turn.resolve();
      }
    },
    loseLock() {
      for (const lease of leases) lease.abort();
    },
    record(key = usual) {
      const stored = entries.get(key);
      const record = stored && decodeRecord(stored.value);
      return record?.ended ? undefined : record;
    },
    ended: (key = usual) => {
      const stored = entries.get(key);
      return stored !== undefined && decodeRecord(stored.value).ended !== undefined;
    },
    put: (value, key = usual) => void put(typeof value === "string" ? value : encodeRecord(value), key),
    logOut(key = usual) {
      const past = new Date(0);
      const accessToken = new AccessToken("none", { id: "none", obtainedAt: past, expiresAt: past });
      const at = new Date(clock.now());
      put(
        encodeRecord({ tokens: { accessToken }, partition: usual, order: clock.now() + 1, ended: { at } }),
        key,
      );
    },
    texts: () => [...entries.values()].map(({ value }) => value).filter((value) => !isMark(value)),
  };
  return store;
}

async function patience(
  clock: Clock,
  turn: Promise<void>,
  waitMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const tooLong = clock.sleep(waitMs, { signal: over.signal }).then(() => {
    throw new AuthError(
      "ERR_AUTH_UNREACHABLE",
      "lock-timeout",
      "test store: the lock is held by somebody else",
    );
  });
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  if (signal?.aborted) leave();
  tooLong.catch(() => {});
  left.promise.catch(() => {});
  try {
    await Promise.race([left.promise, turn, tooLong]);
  } finally {
    over.abort();
    signal?.removeEventListener("abort", leave);
  }
}
