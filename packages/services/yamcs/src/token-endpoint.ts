import { AuthError, type GrantContext, type TokenSet } from "@auth/core";
import type { HttpTokenRequest } from "@auth/oauth/http";
import type { Yamcs } from "./server.ts";

/** What a 401 says of the request, since the server says no more. */
export interface Refusal {
  readonly reason: "credential-rejected" | "refresh-token-rejected";
  readonly text: string;
}

/** `POST /auth/token` */
export function requestTokens(
  server: Yamcs,
  form: Readonly<Record<string, string>>,
  { reason, text }: Refusal,
  request: Pick<HttpTokenRequest, "repeat" | "renews" | "clientId">,
  context: GrantContext,
): Promise<TokenSet> {
  return server.requestTokens(
    {
      ...request,
      endpoint: "token endpoint",
      method: "POST",
      url: `${server.url}/auth/token`,
      body: { form },
      refused: ({ status, error }) => (status === 401 ? error("ERR_AUTH_GRANT", reason, text) : undefined),
    },
    context,
  );
}

/** Whose tokens: one person who signs in by two ways has one login (SEC-55). */
export function partition(url: string, account: string): string {
  return `yamcs ${new URLSearchParams({ url, account }).toString()}`;
}

/** Nothing is sent with half a credential. */
export function whole(value: string, what: string, source: string): string {
  if (value) return value;
  throw invalid("half-credential", source, `the ${what} is empty. Set it.`);
}

/** The credential is another one than the options say. */
export function agree(configured: string | undefined, found: string, option: string, source: string): void {
  if (configured === undefined || configured === found) return;
  const text = `this is another account than the configured \`${option}\`. Change one of the two.`;
  throw invalid("account-mismatch", source, text);
}

export function invalid(reason: string, provider: string, text: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${provider}: ${text}`, { provider });
}
