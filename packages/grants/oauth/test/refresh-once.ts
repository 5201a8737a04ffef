import { Secret, type TokenSet } from "@auth/core";
import { type Canary, canary } from "@auth/testkit";
import { refreshToken } from "../src/index.ts";
import type { RefreshTokenOptions } from "../src/refresh-token.ts";
import { hastyClock, type TestContext, testContext } from "./context.ts";
import { type Script, scriptedServer } from "./scripted-server.ts";

/** The refresh token that is sent, and the access token of a good answer. */
export const sent: Canary = canary("refresh-token");
export const given: Canary = canary("answer");
const client = canary("client-secret");

export const now: number = Date.UTC(2026, 0, 1);
export const good = { access_token: given.value, token_type: "Bearer", expires_in: 60 };
export const malformed = { code: "ERR_AUTH_INVALID", reason: "malformed-response", retryable: false };

interface Outcome {
  readonly tokens: TokenSet | undefined;
  readonly error: unknown;
  readonly context: TestContext;
  readonly requests: number;
}

/** One refresh that the server answers as scripted. Whatever comes of it shows no secret. */
export async function refresh(script: Script, options: Partial<RefreshTokenOptions> = {}): Promise<Outcome> {
  await using server = await scriptedServer(script);
  const grant = refreshToken({
    issuer: server.origin,
    tokenEndpoint: server.tokenEndpoint,
    clientId: "app",
    clientSecret: new Secret(client.value),
    timeoutMs: 60_000,
    ...options,
  });
  const context = testContext({ clock: hastyClock(now) });
  const credential = { type: "refresh-token", refreshToken: new Secret(sent.value) } as const;
  const outcome = await grant.exchange(credential, context).then(
    (tokens) => ({ tokens, error: undefined }),
    (error: unknown) => ({ tokens: undefined, error }),
  );
  for (const each of [sent, given, client]) each.check(outcome);
  return { ...outcome, context, requests: server.requests.length };
}
