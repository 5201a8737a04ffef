import { type Auth, type Clock, createAuth, type TokenPolicy, type TokenStore } from "@auth/core";
import { refreshToken } from "@auth/oauth";

/** Where the login is kept. */
export type StoreKind = "token-file" | "redis";

/** Times of a store, in ms: see its options. */
export interface StoreLimits {
  readonly heartbeatMs: number;
  readonly staleMs: number;
  readonly sentStaleMs: number;
  readonly commandTimeoutMs: number;
}

/** The one login that all processes share. A lost one cannot be had again: there is no password to fall back on. */
export interface SharedLogin {
  readonly issuer: string;
  readonly clientId: string;
  readonly kind: StoreKind;
  /** Of the file, or of the socket of the server. */
  readonly path: string;
  /** Those of the store, unless minutes are to be made of hours. */
  readonly limits?: StoreLimits;
  readonly policy?: Partial<TokenPolicy>;
}

/** The header by which the server can tell who has asked. */
export const processHeader = "x-process";

/** A store of one process, which ends what it opened. Many processes start at once: each loads only what it needs. */
export async function openStore({ kind, path, limits }: SharedLogin): Promise<TokenStore & AsyncDisposable> {
  if (kind === "token-file") {
    const { tokenFile } = await import("@auth/token-file");
    return { ...tokenFile({ path, ...limits }), [Symbol.asyncDispose]: async () => {} };
  }
  const [{ redisStore }, { createClient }] = await Promise.all([import("@auth/redis"), import("redis")]);
  const client = createClient({ socket: { path, reconnectStrategy: 10 } as never });
  client.on("error", () => {}); // what asks meanwhile hears of it
  await client.connect();
  return { ...redisStore({ client, ...limits }), [Symbol.asyncDispose]: async () => client.destroy() };
}

export function sharedAuth(
  { issuer, clientId, policy = {} }: SharedLogin,
  store: TokenStore,
  clock: Clock,
  more: { credentials?: NonNullable<Parameters<typeof createAuth>[0]["credentials"]> } = {},
): Auth {
  return createAuth({
    name: "race",
    grant: refreshToken({ issuer, clientId, clientAuth: "none", account: "racer" }),
    store,
    clock,
    policy,
    fetch: (address, init) => {
      const headers = new Headers(init?.headers);
      headers.set(processHeader, `${process.pid}`);
      return fetch(address, { ...init, headers });
    },
    ...more,
  });
}
