import { AccessToken } from "@auth/core";
import { instant, unverifiedClaims } from "@auth/oauth/http";

/** Stands where there is no token: ended from the beginning. */
export const noToken: AccessToken = new AccessToken("none", { id: "none", expiresAt: new Date(0) });

/**
 * A token that was kept somewhere. Its end is what it says itself, since nothing else does (SEC-34); one that says nothing has
 * ended. One that is no JWT, or that was issued to another client than `clientId`, is nothing.
 */
export function keptToken(jwt: unknown, clientId: string | undefined): AccessToken | undefined {
  const claims = typeof jwt === "string" ? unverifiedClaims(jwt) : undefined;
  if (!claims || (clientId && claims["aud"] !== clientId)) return undefined;
  try {
    return new AccessToken(jwt as string, { expiresAt: instant(claims["exp"]) ?? new Date(0) });
  } catch {
    return undefined; // it cannot travel in a header
  }
}
