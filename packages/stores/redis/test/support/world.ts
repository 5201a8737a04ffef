import { isAuthError, type Lease, type TokenStore } from "@auth/core";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { type RedisStoreOptions, redisStore } from "../../src/index.ts";
import { type Client, connect } from "./connect.ts";
import { type RedisServer, redisServer, redisThere } from "./redis-server.ts";

/** Tests that need a real server; skipped, with a warning, where none is installed. */
export const describeReal: typeof describe.skip = redisThere ? describe : describe.skip;

/** One server for the tests of a `describe`, empty for each, with a client that looks at it from outside. */
export function realServer(...options: string[]) {
  const clients: Client[] = [];
  let server: RedisServer;
  let admin: Client;
  const open = async (more?: Parameters<typeof connect>[1]): Promise<Client> => {
    const client = await connect(server, more);
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    server = await redisServer(...options);
    admin = await connect(server);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await admin.flushAll();
  });
  afterAll(async () => {
    admin?.destroy();
    await server?.close();
  });
  return {
    get server() {
      return server;
    },
    get admin() {
      return admin;
    },
    open,
    store: async (more: Partial<RedisStoreOptions> = {}): Promise<Required<Omit<TokenStore, symbol>>> =>
      redisStore({ client: await open(), ...more }) as Required<TokenStore>,
    /** The one key of this kind. */
    async keyOf(part: "login" | "lock"): Promise<string> {
      const names = (await admin.keys("*")).filter((name) => name.endsWith(`:${part}`));
      if (names.length !== 1) throw new Error(`${names.length} keys of kind ${part}`);
      return names[0] as string;
    },
  };
}

/** What a promise fails with, in the parts that tests look at. */
export function failing(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: unknown) => {
      if (!isAuthError(error)) return error;
      const { code, reason, message, retryable } = error;
      return { code, reason, message, retryable };
    },
  );
}

export const unavailable = { code: "ERR_AUTH_UNREACHABLE", reason: "store-unavailable", retryable: true };

/** Looks until it is so. Each look goes to the server, so no time is wasted. */
export async function eventually<T>(
  look: () => Promise<T>,
  good: (seen: T) => boolean,
  looks = 10_000,
): Promise<T> {
  for (let tries = 0; tries < looks; tries++) {
    const seen = await look();
    if (good(seen)) return seen;
  }
  throw new Error(`it never came to that; last seen: ${String(await look())}`);
}

/** Takes the lock and keeps it. */
export async function held(store: Required<Omit<TokenStore, symbol>>, sent = false) {
  const taken = Promise.withResolvers<Required<Lease>>();
  const end = Promise.withResolvers<void>();
  const work = store.withLock("key", async (lease) => {
    if (sent) await lease.sent?.();
    taken.resolve(lease as Required<Lease>);
    await end.promise;
  });
  work.catch(taken.reject);
  const lease = await taken.promise;
  return {
    lease,
    async release() {
      end.resolve();
      await work;
    },
  };
}
