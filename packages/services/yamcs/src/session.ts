import { AccessToken, type GrantContext, Secret, type TokenSet } from "@auth/core";
import { instant, sendable, unverifiedClaims } from "@auth/oauth/http";
import type { Yamcs } from "./server.ts";
import { requestTokens } from "./token-endpoint.ts";

const minute = 60_000;

/**
 * The server ends a session that was not refreshed for half an hour, however long the access token lives: tokens that live
 * longer than that are renewed after 25 minutes.
 */
export function paced(tokens: TokenSet): TokenSet {
  const { obtainedAt, expiresAt } = tokens.accessToken;
  const left = (expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - (obtainedAt?.getTime() ?? Number.NaN);
  return obtainedAt && left > 30 * minute
    ? { ...tokens, refreshAfter: new Date(obtainedAt.getTime() + 25 * minute) }
    : tokens;
}

/** Renews the session. The server takes each refresh token once, and the same one again for 5 s, should the answer get lost. */
export async function refreshSession(
  server: Yamcs,
  refreshToken: Secret | undefined,
  source: string,
  renews: TokenSet | undefined,
  context: GrantContext,
): Promise<TokenSet> {
  const form = {
    grant_type: "refresh_token",
    refresh_token: sendable(refreshToken?.reveal() ?? "", "refresh token", source),
  };
  const refusal = {
    reason: "refresh-token-rejected",
    text: "refused the refresh token: it was used before, its session has ended, or the server was restarted. Log in again.",
  } as const;
  const request = { repeat: "refresh", ...(renews && { renews }) } as const;
  return paced(await requestTokens(server, form, refusal, request, context));
}

/**
 * Tokens that were kept. What is not said of them is read from the access token, as nothing else says it (SEC-34): when it
 * expires, and how long it lives, by our clock if we know its expiry by that.
 */
export function keptTokens(access: string, refresh?: string, expiry?: Date): TokenSet {
  const { exp, iat } = unverifiedClaims(access) ?? {};
  const end = instant(exp)?.getTime();
  const lifetime = (end ?? Number.NaN) - (instant(iat)?.getTime() ?? Number.NaN);
  const expiresAt = expiry ?? instant(exp);
  const obtainedAt = expiresAt && lifetime > 0 ? new Date(expiresAt.getTime() - lifetime) : undefined;
  const accessToken = new AccessToken(access, { expiresAt, obtainedAt });
  return refresh ? paced({ accessToken, refreshToken: new Secret(refresh) }) : { accessToken };
}

/** Whom an access token names, if it does: to leave another's alone, never to trust it. */
export function nameIn(access: string | undefined): string | undefined {
  const subject = access === undefined ? undefined : unverifiedClaims(access)?.["sub"];
  return typeof subject === "string" && subject !== "" ? subject : undefined;
}
