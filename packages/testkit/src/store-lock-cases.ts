import assert from "node:assert/strict";
import { setImmediate as macrotask } from "node:timers/promises";
import { isAuthError, type Lease, type TokenStore } from "@auth/core";
import { canary } from "./canary.ts";
import type { Patience } from "./patience.ts";
import type { StoreCaseOf } from "./test-store.ts";

type WithLock = NonNullable<TokenStore["withLock"]>;

function lockOf(store: TokenStore): WithLock {
  assert.ok(store.withLock, "the store has no lock; say so: skip: { lock: …, lockTimeout: …, lockAbort: … }");
  return store.withLock.bind(store);
}

/** Takes the lock of `key` and keeps it until `release` is called. */
async function held(
  { settled }: Patience,
  store: TokenStore,
  key: string,
): Promise<{ lease: Lease; release(): Promise<void> }> {
  const taken = Promise.withResolvers<Lease>();
  const done = Promise.withResolvers<void>();
  const work = lockOf(store)(key, (lease) => {
    taken.resolve(lease);
    return done.promise;
  });
  work.catch(taken.reject);
  return {
    lease: await settled("taking the lock", taken.promise),
    async release() {
      done.resolve();
      await settled("giving the lock back", work);
    },
  };
}

const free = ({ settled }: Patience, store: TokenStore, key: string): Promise<string> =>
  settled(
    "taking the free lock",
    lockOf(store)(key, async () => "mine", { waitMs: 5_000 }),
  );

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await macrotask();
}

/** Mutual exclusion by key. */
export const storeLockCases: readonly StoreCaseOf[] = [
  {
    id: "lock",
    title: "the lock passes results and failures on, and is free afterwards",
    run: async (world) => {
      const { store, open, key, rejection } = world;
      const withLock = lockOf(store);
      assert.equal(await withLock(key, async () => "done"), "done");
      const failure = new Error("the work failed");
      const thrown = await rejection(
        "failing work",
        withLock(key, () => Promise.reject(failure)),
      );
      assert.ok(thrown === failure, "the work's own error comes out");
      const early = (): Promise<never> => {
        throw failure;
      };
      assert.ok((await rejection("throwing work", withLock(key, early))) === failure);
      assert.equal(await free(world, await open(), key), "mine");
    },
  },
  {
    id: "lock",
    title: "SEC-56 one holder at a time, and everybody gets a turn",
    run: async (world) => {
      const { store, open, key, wrap, unwrap, settled } = world;
      const handles = [store, await open(), await open(), await open()];
      let inside = 0;
      let most = 0;
      const turn = (handle: TokenStore): Promise<void> =>
        lockOf(handle)(key, async (lease) => {
          most = Math.max(most, ++inside);
          // The count is lost if two are inside: read, wait, write.
          const found = await handle.read(key);
          await turns(3);
          assert.equal(lease.signal.aborted, false, "the lease holds while the work runs");
          const count = found ? Number(unwrap(found.value)) : 0;
          const written = await handle.write(key, wrap(`${count + 1}`), found?.generation);
          assert.ok(written, "nobody else wrote while the lock was held");
          inside--;
        });
      const all = handles.flatMap((handle) => [turn(handle), turn(handle), turn(handle)]);
      await settled("taking turns", Promise.all(all));
      assert.equal(most, 1, "never two inside");
      assert.equal(unwrap((await store.read(key))?.value ?? ""), `${all.length}`);
    },
  },
  {
    id: "lock",
    title: "the lock of one key does not hold up another, nor a read",
    run: async (world) => {
      const { store, open, key, other, wrap, settled } = world;
      await store.write(key, wrap("first"), undefined);
      const holder = await held(world, store, key);
      try {
        const another = await open();
        assert.equal(await free(world, another, other), "mine");
        assert.ok(await settled("reading under somebody's lock", another.read(key)));
      } finally {
        await holder.release();
      }
    },
  },
  {
    id: "lockTimeout",
    title: "SEC-79 waiting too long is ERR_AUTH_UNREACHABLE/lock-timeout, without the work",
    run: async (world) => {
      const { store, open, key, wrap, rejection } = world;
      const secret = canary("locked");
      await store.write(key, wrap(secret.value), undefined);
      const holder = await held(world, store, key);
      let ran = false;
      try {
        const another = await open();
        const work = async (): Promise<void> => {
          ran = true;
        };
        const wait = lockOf(another)(key, work, { waitMs: 20 });
        const thrown = await rejection("waiting for the lock", wait);
        assert.ok(isAuthError(thrown, "ERR_AUTH_UNREACHABLE"), "it is ERR_AUTH_UNREACHABLE");
        assert.equal(thrown.reason, "lock-timeout");
        assert.equal(thrown.retryable, true);
        secret.check(thrown);
      } finally {
        await holder.release();
      }
      assert.equal(await free(world, await open(), key), "mine");
      assert.equal(ran, false, "the work of the one that gave up never runs");
    },
  },
  {
    id: "lockAbort",
    title: "SEC-28 abort ends the wait with the signal's own reason, without the work",
    run: async (world) => {
      const { store, open, key, rejection } = world;
      const another = await open();
      const reason = { why: "the caller has left" };
      let ran = false;
      const work = async (): Promise<void> => {
        ran = true;
      };
      const before = lockOf(another)(key, work, { signal: AbortSignal.abort(reason) });
      assert.ok((await rejection("an aborted wait", before)) === reason, "the reason is the signal's");

      const holder = await held(world, store, key);
      const leaving = new AbortController();
      const during = rejection("a wait", lockOf(another)(key, work, { signal: leaving.signal }));
      try {
        await turns(5);
        leaving.abort(reason);
        assert.ok((await during) === reason, "the reason is the signal's");
      } finally {
        await holder.release();
      }
      assert.equal(await free(world, await open(), key), "mine");
      assert.equal(ran, false, "the work of the one that left never runs");
    },
  },
  {
    id: "lock",
    title: "whoever waits goes on after the holder's work has thrown",
    run: async (world) => {
      const { store, open, key, settled, rejection } = world;
      const gate = Promise.withResolvers<void>();
      const failing = rejection(
        "the holder",
        lockOf(store)(key, async () => {
          // Thrown by the work alone: a promise rejected from outside has nobody to hear it where the lock is still being taken.
          await gate.promise;
          throw new Error("the work failed");
        }),
      );
      const waiting = lockOf(await open())(key, async () => "next");
      await turns(5);
      gate.resolve();
      await failing;
      assert.equal(await settled("the next in line", waiting), "next");
    },
  },
];
