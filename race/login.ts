import { type Auth, type Clock, createAuth, type TokenStore } from "@auth/core";
import { refreshToken } from "@auth/oauth";
import { tokenFile } from "@auth/token-file";

/** The one login that all processes share. A lost one cannot be had again: there is no password to fall back on. */
export interface SharedLogin {
  readonly issuer: string;
  readonly clientId: string;
  readonly path: string;
}

export function storeOf({ path }: SharedLogin): TokenStore {
  return tokenFile({ path });
}

export function sharedAuth(
  login: SharedLogin,
  clock: Clock,
  more: { credentials?: Parameters<typeof createAuth>[0]["credentials"] } = {},
): Auth {
  const { issuer, clientId } = login;
  return createAuth({
    name: "race",
    grant: refreshToken({ issuer, clientId, clientAuth: "none", account: "racer" }),
    store: storeOf(login),
    clock,
    ...more,
  });
}
