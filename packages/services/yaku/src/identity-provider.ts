import { type AuthError, type Grant, type GrantContext, isAuthError, type TokenSet } from "@auth/core";
import { deviceCode } from "@auth/oauth/device-code";
import type { Fields, Http } from "@auth/oauth/http";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { openApi, problem, type YakuOptions } from "./api-url.ts";

/** What a Yaku server names, and people log in to. */
export interface IdentityProvider {
  readonly grant: Grant;
  readonly issuer: string;
}

/** The public client of Yaku's command line. */
const clientId = "yaku-cli";

const get = async (endpoint: string, url: string, http: Http, context: GrantContext): Promise<Fields> =>
  (await http.send({ endpoint, method: "GET", url, repeat: "freely" }, context)).body;

/**
 * Asks Yaku who its identity provider is. Its metadata is believed if it is the one's who lives at that address (SEC-36).
 *
 * Errors: `ERR_AUTH_INVALID/no-authinfo` if this is no Yaku server, `/insecure-transport`, and the transport's.
 */
export async function findProvider(options: YakuOptions, context: GrantContext): Promise<IdentityProvider> {
  const http = openApi(options);
  const place = `${http.url}/service/authinfo`;
  const invalid = (reason: string, text: string): AuthError =>
    problem(http, "ERR_AUTH_INVALID", reason, `${place} ${text} Check \`url\`.`);
  const info = await get("authinfo endpoint", place, http, context).catch((error: unknown) => {
    if (!isAuthError(error) || error.retryable || error.reason === "redirect") throw error;
    throw invalid("no-authinfo", `does not say who logs people in (${error.status}, ${error.reason}).`);
  });
  const { wellKnownConfigUrl: named } = info;
  if (typeof named !== "string") throw invalid("no-authinfo", "has no wellKnownConfigUrl.");
  const issuer = named.replace(/\/\.well-known\/[^/]+/, "");
  try {
    return { issuer, grant: deviceCode({ ...options, issuer, clientId, scopes: ["openid"], pkce: true }) };
  } catch {
    // The app's own options have been checked.
    throw invalid("insecure-transport", "names no https address, so nothing was sent there.");
  }
}

/**
 * Checks who says who logged in (OpenID Connect Core §3.1.3.7): signature, issuer, audience, times, and that the ID token
 * belongs to this access token. Errors: `ERR_AUTH_INVALID/id-token`, and the transport's.
 */
export async function verifyIdToken(
  { idToken, accessToken }: TokenSet,
  { issuer }: IdentityProvider,
  http: Http,
  context: GrantContext,
): Promise<void> {
  if (!idToken) return;
  const place = `${issuer}/.well-known/openid-configuration`;
  const { jwks_uri: keysAt } = await get("metadata document", place, http, context);
  try {
    const keys = (await get("key set", String(keysAt), http, context)) as unknown as JSONWebKeySet;
    const known = { issuer, audience: clientId, algorithms: ["RS256", "PS256", "ES256"] };
    const lasting = { requiredClaims: ["sub", "exp"], clockTolerance: "30s" };
    const rules = { ...known, ...lasting, currentDate: new Date(context.clock.now()) };
    const { payload } = await jwtVerify(idToken.reveal(), createLocalJWKSet(keys), rules);
    const hash = await crypto.subtle.digest("SHA-256", Buffer.from(accessToken.reveal()));
    const half = Buffer.from(hash, 0, 16).toString("base64url");
    if ((payload["at_hash"] ?? half) !== half) throw half;
  } catch (error) {
    if (isAuthError(error)) throw error;
    // The library's errors hold the claims, so what exactly was wrong is not told.
    const text = "the login was rejected: its ID token is not for us, not this provider's, or out of date.";
    throw problem(http, "ERR_AUTH_INVALID", "id-token", `${text} Check \`url\` and this machine's clock.`);
  }
}
