import { AccessToken } from "@auth/core";
import { instant, unverifiedClaims } from "@auth/oauth/http";

/** Stands where there is no token: ended from the beginning. */
export const noToken: AccessToken = new AccessToken("none", { id: "none", expiresAt: new Date(0) });

/**
 * A token that was kept somewhere. Its end is what it says itself, since nothing else does (SEC-34); one that says nothing has
 * ended. One that is no JWT, or that was issued to another client than `clientId`, is nothing.
 */
export function keptToken(jwt: unknown, clientId: string | undefined): AccessToken | undefined {
  if (typeof jwt !== "string" || !/^[!-~]{1,65536}$/.test(jwt)) return undefined;
  const claims = unverifiedClaims(jwt);
  if (!claims || (clientId && claims["aud"] !== clientId)) return undefined;
  return new AccessToken(jwt, { expiresAt: instant(claims["exp"]) ?? new Date(0) });
}
