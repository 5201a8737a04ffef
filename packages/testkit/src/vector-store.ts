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
  let failing: ReadonlySet<StorePart> = new Set();
  let reason = "";
  let unlock: (() => void) | undefined;

  const works = (part: StorePart): void => {
    if (failing.has(part)) throw errorOf(reason);
  };
  const generation = async (): Promise<string | undefined> => (await inner.read(key))?.generation;
  const write = async (record: TokenRecord): Promise<void> =>
    void (await inner.write(key, encodeRecord(record), await generation()));

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
        return inner.write(place, value, expected);
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

function factsOf({ tokens, dead, partition }: TokenRecord, start: number): StoredFacts {
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
