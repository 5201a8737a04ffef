import type { TokenRecord } from "@auth/core";
import { unverifiedClaims } from "@auth/oauth/http";

/** Where a token is to be from, and for what it was asked. */
export interface Here {
  readonly url: string;
  readonly scope: readonly string[] | undefined;
}

/**
 * The client for Python keeps tokens without a word of where they are from, and for which scope. So one of its is taken only if it
 * names this service itself (SEC-34), and nothing is asked for that it may not have.
 */
export function vouchedFor(record: TokenRecord, { url, scope }: Here): TokenRecord | undefined {
  const { iss } = unverifiedClaims(record.tokens.accessToken.reveal()) ?? {};
  const named = typeof iss === "string" && URL.canParse(iss) && new URL(iss).origin === new URL(url).origin;
  return named && scope === undefined ? record : undefined;
}

/** Is a token with this partition one that we would have bought? One without is known by its file alone. */
export function isFor(partition: string | undefined, { url, scope }: Here): boolean {
  if (partition === undefined) return true;
  const facts = new URLSearchParams(partition.replace(/^descartes-labs /, ""));
  return facts.get("url") === url && facts.get("scope") === scopeText(scope);
}

/** Where a token is from and what it is for; whose it is says the file that it is in. */
export function partitionOf({ url, scope }: Here): string {
  const words = scopeText(scope);
  return `descartes-labs ${new URLSearchParams({ url, ...(words !== null && { scope: words }) }).toString()}`;
}

/** Whatever the order, and however often. */
export const scopeText = (scope: readonly string[] | undefined): string | null =>
  scope ? [...new Set(scope)].sort().join(" ") : null;
