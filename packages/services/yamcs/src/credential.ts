import { AuthError } from "@auth/core";
import { type HttpRequest, sendable } from "@auth/oauth/http";

/** A part of a credential, fit to be sent: nothing is, with half of one. */
export function part(value: string, what: string, source: string): string {
  if (value) return sendable(value, what, source);
  throw invalid("half-credential", source, `the ${what} is empty. Set it.`);
}

/** The credential may be another one than the options say. */
export function agree(configured: string | undefined, found: string, option: string, source: string): void {
  if (configured === undefined || configured === found) return;
  const text = `this is another account than the configured \`${option}\`. Change one of the two.`;
  throw invalid("account-mismatch", source, text);
}

/** What a 401 of the server means, which says no more than that. */
export function on401(reason: string, text: string): NonNullable<HttpRequest["refused"]> {
  return ({ status, error }) => (status === 401 ? error("ERR_AUTH_GRANT", reason, text) : undefined);
}

/** Whose tokens, if all is known: one person who signs in by two ways has one login (SEC-55). */
export function partition(facts: Readonly<Record<string, string | undefined>>): string | undefined {
  if (Object.values(facts).includes(undefined)) return undefined;
  return `yamcs ${new URLSearchParams(facts as Record<string, string>).toString()}`;
}

/** Of a partition: at which server. */
export const urlOf = (whose: string): string | null =>
  new URLSearchParams(whose.replace(/^yamcs /, "")).get("url");

export function invalid(reason: string, provider: string, text: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${provider}: ${text}`, { provider });
}
