import { type AuthError, decodeRecord, type Explanation, toAuthError } from "@auth/core";
import type { OpenProfile } from "./profile.ts";

/**
 * What is wrong with the store, if `auth token` would stop at it. What is merely away does not stop a grant that can do
 * without it.
 */
export async function storeFailure(
  { store, name, kept }: OpenProfile,
  key: string = name,
): Promise<AuthError | undefined> {
  try {
    if (kept) await kept.get();
    const stored = kept ? undefined : await store?.read(key);
    if (stored) decodeRecord(stored.value);
    return undefined;
  } catch (error) {
    const failure = toAuthError(error, store?.name ?? name);
    return failure.code === "ERR_AUTH_NOT_FOUND" || failure.code === "ERR_AUTH_UNREACHABLE"
      ? undefined
      : failure;
  }
}

/** What looking into every source comes to. */
export type Verdict =
  | { readonly type: "found"; readonly provider: string }
  /** A source is broken, and a chain does not go on past it (SEC-68). */
  | { readonly type: "stopped"; readonly link: Explanation }
  | { readonly type: "login" }
  | { readonly type: "nothing" };

const goesOn: ReadonlySet<Explanation["outcome"]> = new Set([
  "not-asked",
  "ERR_AUTH_NOT_FOUND",
  "ERR_AUTH_UNAVAILABLE",
]);

export function linksOf(explanation: Explanation): readonly Explanation[] {
  return explanation.links ?? [{ ...explanation, winner: explanation.outcome === "found" }];
}

/** Whether this outcome is a miss, and no fault. */
export function isMiss(link: Explanation): boolean {
  return goesOn.has(link.outcome);
}

export function verdictOn(explanation: Explanation, { credentials }: OpenProfile): Verdict {
  const decisive = linksOf(explanation).find((link) => link.winner || !isMiss(link));
  if (decisive?.winner) return { type: "found", provider: decisive.provider };
  if (decisive) return { type: "stopped", link: decisive };
  return { type: credentials.interactive ? "login" : "nothing" };
}
