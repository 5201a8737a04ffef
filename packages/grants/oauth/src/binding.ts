import { AuthError, type TokenSet } from "@auth/core";
import type { AuthorizationServer } from "oauth4webapi";

/** What a token set remembers of the place it came from, in `extra`. */
export type Binding = {
  readonly issuer: string;
  readonly clientId?: string;
  /** Absent as long as no request was made. */
  readonly tokenOrigin?: string;
};

export function binding({ issuer, token_endpoint }: AuthorizationServer, clientId: string): Binding {
  return { issuer, clientId, ...(token_endpoint && { tokenOrigin: new URL(token_endpoint).origin }) };
}

/**
 * A refresh token goes back to the server and client it was given to, and to no other (SEC-36). Errors:
 * `ERR_AUTH_INTERACTION_REQUIRED/issuer-changed`, with nothing sent.
 */
export function checkBinding(tokens: TokenSet, here: Binding, name: string): void {
  const changed = Object.entries(here).some(([key, value]) => {
    const before = tokens.extra?.[key];
    return before !== undefined && before !== value;
  });
  if (!changed) return;
  throw new AuthError(
    "ERR_AUTH_INTERACTION_REQUIRED",
    "issuer-changed",
    `${name}: the stored login was made at another issuer, token endpoint or client, so its refresh token was not sent. Log in again.`,
    { provider: name },
  );
}

/** The client that a stored set belongs to. */
export function boundClient(tokens: TokenSet | undefined): string | undefined {
  const clientId = tokens?.extra?.["clientId"];
  return typeof clientId === "string" ? clientId : undefined;
}
