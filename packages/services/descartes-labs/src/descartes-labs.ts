import type { ClientSecretCredential, Grant } from "@auth/core";
import { createHttp, type HttpOptions, sendable, unverifiedClaims } from "@auth/oauth/http";
import { checkOptions } from "./check-options.ts";
import { sha1 } from "./sha1.ts";
import { scopeText } from "./whose.ts";

export interface DescartesLabsOptions extends HttpOptions {
  /** Where tokens come from. Default `https://iam.production.aws.descarteslabs.com`. */
  readonly domain?: string | undefined;
  /** What the token is to say of the user. Default: what the service finds right. */
  readonly scope?: readonly string[] | undefined;
  /** A token is renewed once it has less left than this, in ms. Default 500000, 500 s. */
  readonly leewayMs?: number | undefined;
  /** How often a request is repeated at most; `attempts` says it more finely. Default 5. */
  readonly retries?: number | undefined;
}

/** The client of the older accounts, whose request is another one. */
const legacyClient = "ZOBAi4UROl5gKZIpxxlwOEfx8KpqXf2c";
const legacyScope = "openid name groups org email";
const legacyGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const production = "https://iam.production.aws.descarteslabs.com";

/**
 * Descartes Labs: a client id and its secret, which is a refresh token that never changes, buy a token of some hours. In its
 * last 500 s callers wait for the next one; if there is none to be had, they get the present one until its end.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a wrong client id or secret, `/refused` otherwise;
 * `ERR_AUTH_INVALID/malformed-response`, `/expired-on-arrival`, `/secret-format` and the transport's, as of `clientCredentials`.
 * `TypeError` for wrong options.
 *
 * Source: the Descartes Labs client for Python 4.0.0, `descarteslabs.auth`.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant: descartesLabs(), credentials: fromEnv({ prefix: "DESCARTESLABS" }) });
 * ```
 */
export function descartesLabs(options: DescartesLabsOptions = {}): Grant<ClientSecretCredential> {
  checkOptions("descartesLabs", options);
  const { domain = production, scope, leewayMs = 500_000, retries = 5 } = options;
  const http = createHttp("descartes-labs", domain, {
    ...options,
    attempts: { notProcessed: retries + 1, unknownOutcome: retries + 1, ...options.attempts },
    option: "domain",
    // 1, 4, 8, 12 and 16 s, a quarter more or less: the original bridges about a minute, too.
    pauseMs: (tries, random) => 1_000 * Math.max(1, 4 * (tries - 1)) * (0.75 + random / 2),
    comeBackMs: (status, _headers, told) => (status === 403 || status === 413 ? told : undefined),
  });

  return {
    name: http.name,
    accepts: ["client-secret"],
    policy: { minTtlMs: leewayMs, refreshAheadMs: 0 },
    partition(credential) {
      if (!credential) return undefined;
      const { clientId: client, clientSecret, account = sha1(clientSecret.reveal()) } = credential;
      const words = scopeText(scope);
      const asked = words !== null && { scope: words };
      return `descartes-labs ${new URLSearchParams({ url: http.url, client, account, ...asked }).toString()}`;
    },
    async exchange(credential, context) {
      if (!credential) throw new TypeError(`${http.name}: a client secret is needed`);
      const { clientId, clientSecret, source = http.name } = credential;
      const secret = sendable(clientSecret.reveal(), "client secret", source);
      const legacy = clientId === legacyClient;
      const asked = scope || context.scopes ? [...(scope ?? []), ...(context.scopes ?? [])] : undefined;
      const scopes = [...new Set(asked)];
      // An empty one is asked for as such, as the original does.
      const words = asked ? scopes.join(" ") : legacy ? legacyScope : undefined;
      const json = {
        client_id: clientId,
        grant_type: legacy ? legacyGrant : "refresh_token",
        refresh_token: secret,
        scope: words,
        ...(legacy && { target: clientId, api_type: "app" }),
      };
      const tokens = await http.requestTokens(
        {
          endpoint: "token endpoint",
          method: "POST",
          url: `${http.url}/token`,
          headers: { "x-request-group": crypto.randomUUID().replaceAll("-", "") },
          body: { json },
          repeat: "freely",
          scopes,
          translate({ access_token: access, id_token: id }) {
            const token = access ?? id;
            const { exp } = unverifiedClaims(String(token)) ?? {}; // its end stands nowhere else (SEC-34)
            return { access_token: token, token_type: "bearer", expires_at: exp };
          },
          refused: ({ status, body, error }) =>
            status === 401 || status === 403 || body?.["error"] === "invalid_grant"
              ? error("ERR_AUTH_GRANT", "credential-rejected", "refused client id or secret. Log in again.")
              : undefined,
        },
        context,
      );
      return { ...tokens, extra: { ...tokens.extra, account: sha1(secret) } };
    },
  };
}
