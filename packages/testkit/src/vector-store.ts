import {
  AccessToken,
  type Clock,
  decodeRecord,
  encodeRecord,
  type Lease,
  memoryStore,
  Secret,
  type TokenRecord,
  type TokenStore,
} from "@auth/core";
import type { StoredFacts, StorePart } from "./vector.ts";
import { errorOf, partition as usual } from "./vector-server.ts";

/** A store that fails where it is told to, and what other processes do to it. */
export interface VectorStore {
  readonly store: TokenStore;
  /** What fails, and how. */
  fail(parts: readonly StorePart[], error?: string): void;
  put(facts: StoredFacts): Promise<void>;
  /** Changes what is there: `undefined` deletes it. */
  edit(change: (record: TokenRecord) => TokenRecord | undefined): Promise<void>;
  /** Leaves the mark of a logout. */
  logOut(): Promise<void>;
  /** Puts back what was there so many writes ago. */
  goBack(writes: number): Promise<void>;
  /** What is there now; stays the same object until it is written. */
  look(): Promise<StoredFacts | null>;
  lock(): Promise<void>;
  unlock(): void;
  /** Ends the lease of whoever holds the lock. */
  breakLock(): void;
}

export function vectorStore(clock: Clock, key: string, start: number): VectorStore {
  const inner = memoryStore({ clock }) as Required<TokenStore>; // it has a lock
  const leases = new Set<AbortController>();
  const history: string[] = [];
  let failing: ReadonlySet<StorePart> = new Set();
  let reason = "";
  let unlock: (() => void) | undefined;

  const works = (part: StorePart): void => {
    if (failing.has(part)) throw errorOf(reason);
  };
  const generation = async (): Promise<string | undefined> => (await inner.read(key))?.generation;
  const writeText = async (text: string): Promise<void> => {
    history.push(text);
    await inner.write(key, text, await generation());
  };
  const write = (record: TokenRecord): Promise<void> => writeText(encodeRecord(record));

  async function withLock<T>(
    place: string,
    work: (lease: Lease) => Promise<T>,
    options?: { readonly signal?: AbortSignal; readonly waitMs?: number },
  ): Promise<T> {
    works("lock");
    const lease = new AbortController();
    const held = async (): Promise<T> => {
      leases.add(lease);
      try {
        return await work({ signal: lease.signal, sent: async () => works("sent") });
      } finally {
        leases.delete(lease);
      }
    };
    return inner.withLock(place, held, options);
  }

  return {
    store: {
      name: "vector store",
      async read(place) {
        works("read");
        return inner.read(place);
      },
      async write(place, value, expected) {
        works("write");
        const written = await inner.write(place, value, expected);
        if (written !== undefined) history.push(value);
        return written;
      },
      async delete(place, expected) {
        works("write");
        return inner.delete(place, expected);
      },
      async prepare() {
        works("prepare");
      },
      withLock,
    },
    fail(parts, error = "UNREACHABLE/save-failed") {
      failing = new Set(parts);
      reason = error;
    },
    put: (facts) => write(recordOf(facts, start)),
    async edit(change) {
      const stored = await inner.read(key);
      if (!stored) throw new Error("there is no record");
      const record = change(decodeRecord(stored.value));
      if (record) await write(record);
      else await inner.delete(key);
    },
    async logOut() {
      const order = Math.max(...history.map((text) => decodeRecord(text).order ?? 0), clock.now()) + 1;
      const at = new Date(clock.now());
      const { partition } = recordOf({ access: "none" }, start);
      const past = new Date(0);
      const accessToken = new AccessToken("none", { id: "none", obtainedAt: past, expiresAt: past });
      await write({ tokens: { accessToken }, partition, order, ended: { at } });
    },
    async goBack(writes) {
      const text = history.at(-1 - writes);
      if (text === undefined) throw new Error("there were not so many writes");
      await writeText(text);
    },
    async look() {
      const stored = await inner.read(key);
      return stored ? factsOf(decodeRecord(stored.value), start) : null;
    },
    async lock() {
      await new Promise<void>((locked) => {
        const free = new Promise<void>((resolve) => {
          unlock = resolve;
        });
        void inner.withLock(key, async () => {
          locked();
          await free;
        });
      });
    },
    unlock() {
      if (!unlock) throw new Error("the sibling holds no lock");
      unlock();
    },
    breakLock() {
      for (const lease of leases) lease.abort();
    },
  };
}

function recordOf(facts: StoredFacts, start: number): TokenRecord {
  const { access, refresh, dead, partition = usual, idToken, scopes, extra } = facts;
  const at = (ms: number | undefined): Date | undefined =>
    ms === undefined ? undefined : new Date(start + ms);
  const { expiresAt, obtainedAt } = facts;
  const refreshAfter = at(facts.refreshAfter);
  const sessionExpiresAt = at(facts.sessionExpiresAt);
  return {
    tokens: {
      accessToken: new AccessToken(access, { expiresAt: at(expiresAt), obtainedAt: at(obtainedAt), scopes }),
      ...(refresh !== undefined && { refreshToken: new Secret(refresh) }),
      ...(idToken !== undefined && { idToken: new Secret(idToken) }),
      ...(refreshAfter && { refreshAfter }),
      ...(sessionExpiresAt && { sessionExpiresAt }),
      ...(extra && { extra }),
    },
    ...(partition !== null && { partition }),
    ...(dead !== undefined && { dead: { reason: dead, at: new Date(start) } }),
  };
}

function factsOf({ tokens, dead, partition, ended }: TokenRecord, start: number): StoredFacts {
  if (ended) return { access: tokens.accessToken.reveal(), partition: partition ?? null, ended: true };
  const { accessToken, refreshToken, idToken, extra } = tokens;
  const since = (date: Date | undefined): number | undefined => date && date.getTime() - start;
  const facts = {
    access: accessToken.reveal(),
    refresh: refreshToken?.reveal(),
    dead: dead?.reason,
    partition: partition ?? null,
    expiresAt: since(accessToken.expiresAt),
    obtainedAt: since(accessToken.obtainedAt),
    refreshAfter: since(tokens.refreshAfter),
    sessionExpiresAt: since(tokens.sessionExpiresAt),
    idToken: idToken?.reveal(),
    scopes: accessToken.scopes,
    extra,
  };
  return JSON.parse(JSON.stringify(facts)) as StoredFacts;
}
