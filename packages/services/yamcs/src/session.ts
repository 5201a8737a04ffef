import { AccessToken, type GrantContext, Secret, type TokenSet } from "@auth/core";
import { instant, unverifiedClaims } from "@auth/oauth/http";
import { on401, part } from "./credential.ts";
import type { Yamcs } from "./server.ts";

/**
 * The server ends a session that was not refreshed for half an hour, however long the access token lives: tokens that live
 * longer than that are renewed after 25 minutes.
 */
export function paced(tokens: TokenSet): TokenSet {
  const { obtainedAt, expiresAt } = tokens.accessToken;
  const lifetime = Number(expiresAt ?? Number.POSITIVE_INFINITY) - Number(obtainedAt);
  if (!obtainedAt || lifetime <= 1_800_000) return tokens;
  return { ...tokens, refreshAfter: new Date(obtainedAt.getTime() + 1_500_000) };
}

const refused = on401(
  "refresh-token-rejected",
  "refused the refresh token: its session is over. Log in again.",
);

/** Renews the session. The server takes each refresh token once, and the same one again for 5 s, should the answer get lost. */
export async function refreshSession(
  server: Yamcs,
  token: Secret | undefined,
  context: GrantContext,
  renews?: TokenSet,
): Promise<TokenSet> {
  const refresh_token = part(token?.reveal() ?? "", "refresh token", server.name);
  const form = { grant_type: "refresh_token", refresh_token };
  const request = { form, repeat: "refresh", refused, ...(renews && { renews }) } as const;
  return paced(await server.requestTokens(request, context));
}

/**
 * Tokens that were kept. What is not said of them is read from the access token, as nothing else says it (SEC-34): when it
 * expires, and how long it lives, by our clock if we know its expiry by that.
 */
export function keptTokens(access: string, refresh?: string, expiry?: Date): TokenSet {
  const { exp, iat } = unverifiedClaims(access) ?? {};
  const expiresAt = expiry ?? instant(exp);
  const lifetime = Number(instant(exp)) - Number(instant(iat));
  const obtainedAt = expiresAt && lifetime > 0 ? new Date(expiresAt.getTime() - lifetime) : undefined;
  const accessToken = new AccessToken(access, { expiresAt, obtainedAt });
  return refresh ? paced({ accessToken, refreshToken: new Secret(refresh) }) : { accessToken };
}

/** Whom an access token names, if it does: to leave another's alone, never to trust it. */
export function nameIn(access: string | undefined): string | undefined {
  const subject = access === undefined ? undefined : unverifiedClaims(access)?.["sub"];
  return typeof subject === "string" && subject !== "" ? subject : undefined;
}
