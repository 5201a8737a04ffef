import { type Auth, type Clock, createAuth, type TokenStore } from "@auth/core";
import { refreshToken } from "@auth/oauth";

/** Where the login is kept. */
export type StoreKind = "token-file" | "redis";

/** The one login that all processes share. A lost one cannot be had again: there is no password to fall back on. */
export interface SharedLogin {
  readonly issuer: string;
  readonly clientId: string;
  /** Default `token-file`. */
  readonly kind?: StoreKind;
  /** Of the file, or of the socket of the server. */
  readonly path: string;
}

/** A store of one process, which ends what it opened. Many processes start at once: each loads only what it needs. */
export async function openStore({ kind, path }: SharedLogin): Promise<TokenStore & AsyncDisposable> {
  if (kind !== "redis") {
    const { tokenFile } = await import("@auth/token-file");
    return { ...tokenFile({ path }), [Symbol.asyncDispose]: async () => {} };
  }
  const [{ redisStore }, { createClient }] = await Promise.all([import("@auth/redis"), import("redis")]);
  const client = createClient({ socket: { path } as never });
  client.on("error", () => {}); // what asks meanwhile hears of it
  await client.connect();
  return { ...redisStore({ client }), [Symbol.asyncDispose]: () => client.close() };
}

export function sharedAuth(
  { issuer, clientId }: SharedLogin,
  store: TokenStore,
  clock: Clock,
  more: { credentials?: Parameters<typeof createAuth>[0]["credentials"] } = {},
): Auth {
  return createAuth({
    name: "race",
    grant: refreshToken({ issuer, clientId, clientAuth: "none", account: "racer" }),
    store,
    clock,
    ...more,
  });
}
