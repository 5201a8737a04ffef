import {
  AccessToken,
  AuthError,
  type ClientSecretCredential,
  type Grant,
  type GrantContext,
  type PasswordCredential,
  Secret,
  type TokenSet,
} from "@auth/core";
import type { TokenServer } from "../../src/index.ts";

type Form = Record<string, string>;

const fail = (
  code: "ERR_AUTH_GRANT" | "ERR_AUTH_INVALID" | "ERR_AUTH_UNREACHABLE",
  reason: string,
  retryAfterMs?: number,
): never => {
  throw new AuthError(code, reason, "test grant: it did not work; mend it", {
    provider: "test grant",
    retryAfterMs,
  });
};

/** What the smallest careful grant sends, and what it makes of the answer. */
export async function request(
  server: TokenServer,
  form: Form,
  { fetch, clock, signal }: GrantContext,
  refused: string,
): Promise<TokenSet> {
  signal.throwIfAborted();
  const sentAt = clock.now();
  let response: Response;
  let answer: { access_token?: string; refresh_token?: string; expires_in?: number; error?: string };
  try {
    response = await fetch(server.tokenEndpoint, {
      method: "POST",
      body: new URLSearchParams({
        client_id: server.client.id,
        client_secret: server.client.secret,
        ...form,
      }),
      headers: { accept: "application/json", "cache-control": "no-store" },
      redirect: "manual",
      signal,
    });
  } catch {
    signal.throwIfAborted();
    return fail("ERR_AUTH_UNREACHABLE", "network");
  }
  if (response.status === 429)
    fail("ERR_AUTH_UNREACHABLE", "rate-limited", Number(response.headers.get("retry-after")) * 1000);
  if (response.status >= 300 && response.status < 400) fail("ERR_AUTH_INVALID", "redirect");
  try {
    answer = (await response.json()) as typeof answer;
    if (Array.isArray(answer)) throw new TypeError();
  } catch {
    return fail("ERR_AUTH_INVALID", "malformed-response");
  }
  if (answer.error) fail("ERR_AUTH_GRANT", refused);
  return {
    accessToken: new AccessToken(answer.access_token ?? "", {
      obtainedAt: new Date(sentAt),
      expiresAt: new Date(sentAt + Number(answer.expires_in) * 1000),
    }),
    ...(answer.refresh_token !== undefined && {
      refreshToken: new Secret(answer.refresh_token),
    }),
  };
}

/** A user name and a password for tokens that refresh. */
export function passwordGrant(server: TokenServer): Grant<PasswordCredential> {
  return {
    name: "test password",
    accepts: ["password"],
    partition: (credential) => credential && `password ${credential.username}`,
    exchange(credential, context) {
      const { username = "", password } = credential ?? {};
      const form = { grant_type: "password", username, password: password?.reveal() ?? "" };
      return request(server, form, context, "credential-rejected");
    },
    refresh(tokens, context) {
      const form = { grant_type: "refresh_token", refresh_token: tokens.refreshToken?.reveal() ?? "" };
      return request(server, form, context, "refresh-token-rejected");
    },
    async revoke({ refreshToken, accessToken }, { fetch, signal }) {
      const { id, secret } = server.client;
      for (const token of [refreshToken, accessToken]) {
        const form = { client_id: id, client_secret: secret, token: token?.reveal() ?? "" };
        await fetch(server.revocationEndpoint, { method: "POST", body: new URLSearchParams(form), signal });
      }
    },
  };
}

/** A client for itself: nothing to refresh. */
export function clientGrant(server: TokenServer): Grant<ClientSecretCredential> {
  return {
    name: "test client",
    accepts: ["client-secret"],
    partition: (credential) => credential && `client ${credential.clientId}`,
    exchange(credential, context) {
      const { clientId = "", clientSecret } = credential ?? {};
      const form = {
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret?.reveal() ?? "",
      };
      return request(server, form, context, "credential-rejected");
    },
  };
}
