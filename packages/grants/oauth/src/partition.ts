import type { Settings } from "./settings.ts";

/** Whose token it is, beyond what the settings say. */
export interface Identity {
  /** Does the token speak for the client itself or for a person? */
  readonly subject: "client" | "person";
  readonly clientId: string;
  readonly account?: string | undefined;
}

/**
 * The identity of what is asked for (SEC-55), the configured token endpoint included. It names no grant: one person who logs in by two of them has one login.
 * What came in `extraParameters` is told apart by digest, as nobody knows what it means.
 */
export async function partition(settings: Settings, identity: Identity): Promise<string> {
  const { issuer, tokenEndpoint, scopes, audience, resource, extraParameters } = settings;
  const parts = new URLSearchParams({ issuer, client: identity.clientId });
  // Two realms of one host may be configured under one issuer's text.
  if (tokenEndpoint !== undefined) parts.set("endpoint", new URL(tokenEndpoint).href);
  if (identity.account !== undefined) parts.set("account", identity.account);
  if (scopes.length > 0) parts.set("scope", scopes.join(" "));
  for (const value of audience) parts.append("audience", value);
  for (const value of resource) parts.append("resource", value);
  if (extraParameters.length > 0) parts.set("extra", await digest(JSON.stringify(extraParameters)));
  parts.set("subject", identity.subject);
  return `oauth ${parts.toString()}`;
}

/** SHA-256, base64url. */
export async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(hash)));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
