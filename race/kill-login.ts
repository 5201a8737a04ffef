import { type Auth, type Clock, createAuth, type TokenPolicy } from "@auth/core";
import { refreshToken } from "@auth/oauth";
import { tokenFile } from "@auth/token-file";

/** One login that many processes share, with limits that make minutes out of hours. */
export interface HastyLogin {
  readonly issuer: string;
  readonly clientId: string;
  readonly path: string;
  /** Of the lock: see the options of `tokenFile`. */
  readonly limits: { readonly heartbeatMs: number; readonly staleMs: number; readonly sentStaleMs: number };
  readonly policy?: Partial<TokenPolicy>;
}

export function hastyAuth(
  { issuer, clientId, path, limits, policy = {} }: HastyLogin,
  clock: Clock,
  more: { readonly credentials?: NonNullable<Parameters<typeof createAuth>[0]["credentials"]> } = {},
): Auth {
  return createAuth({
    name: "race",
    grant: refreshToken({ issuer, clientId, clientAuth: "none", account: "racer" }),
    store: tokenFile({ path, ...limits }),
    clock,
    policy,
    ...more,
  });
}
