/** What a holder of a lock is given. */
export interface Lease {
  /** Aborts when the lock is lost; nothing may be sent after that. */
  readonly signal: AbortSignal;
  /** Notes that a refresh token is about to leave, so that nobody takes the lock over too early (SEC-78). */
  sent?(): Promise<void>;
}

/** For work that needs no lock, or has one that cannot be lost. */
export const free: Lease = { signal: new AbortController().signal };

/** How long to wait for a lock, and what ends the wait. */
export interface LockWait<T> {
  readonly signal?: AbortSignal | undefined;
  readonly waitMs?: number;
  readonly unless?: (() => Promise<T | undefined>) | undefined;
}

/** Mutual exclusion by key, between processes or machines. */
export interface Lock {
  /**
   * Runs `work` while holding the lock of `key`. Errors: `ERR_AUTH_UNREACHABLE/lock-timeout` after `waitMs` (default
   * 30000), `ERR_AUTH_UNREACHABLE/store-unavailable` if there is no telling.
   *
   * `unless` may be asked while it waits, when the lock has changed hands: what it resolves to, if anything, is the outcome, and
   * the lock is not taken. It spares a crowd the turns that nobody needs any more.
   */
  withLock<T>(key: string, work: (lease: Lease) => Promise<T>, options?: LockWait<T>): Promise<T>;
}

/** A value and the mark of the write that put it there. */
export interface Stored {
  readonly value: string;
  readonly generation: string;
}

/**
 * Keeps text under a key and compares before it writes. Keys that share a file or an item do not disturb each other.
 * Without `withLock` it cannot serve a grant that refreshes: see {@link locked}.
 */
export interface TokenStore extends Partial<Lock> {
  /** Printable, says where. */
  readonly name: string;
  /** Another program keeps its logins there too: that an entry is gone is its way of logging out, and it would not know our mark. */
  readonly foreign?: boolean;
  read(key: string): Promise<Stored | undefined>;
  /**
   * Compare-and-swap: writes only if the present generation is `expected` (`undefined`: nothing is there). Resolves to the
   * new generation, or to `undefined` if another one is there and nothing was written.
   */
  write(key: string, value: string, expected: string | undefined): Promise<string | undefined>;
  /** Resolves to false if nothing was deleted: not there, or not the expected generation. */
  delete(key: string, expected?: string): Promise<boolean>;
  /** Under the lock, before anything is sent: prove that the write can succeed (SEC-58). */
  prepare?(key: string): Promise<void>;
  keys?(): AsyncIterable<string>;
  [Symbol.asyncDispose]?(): Promise<void>;
}

/**
 * A store without a lock, with a lock that works beside it.
 *
 * @example
 * ```ts
 * const store = locked(keychainStore({ service: "acme" }), fileLock({ directory }));
 * ```
 */
export function locked(store: TokenStore, lock: Lock): TokenStore & Lock {
  if (typeof store?.read !== "function" || typeof lock?.withLock !== "function")
    throw new TypeError("locked: expected a store, then a lock with `withLock`");
  // Each member by itself, called on its owner: an owner may be frozen, or know itself by private fields.
  const { foreign } = store;
  return {
    get name() {
      return store.name;
    },
    read: (key) => store.read(key),
    write: (key, value, expected) => store.write(key, value, expected),
    delete: (key, expected) => store.delete(key, expected),
    withLock: (key, work, options) => lock.withLock(key, work, options),
    ...(foreign !== undefined && { foreign }),
    ...(store.prepare && { prepare: async (key) => store.prepare?.(key) }),
    ...(store.keys && { keys: () => store.keys?.() as AsyncIterable<string> }),
    ...(store[Symbol.asyncDispose] && { [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose]?.() }),
  };
}
