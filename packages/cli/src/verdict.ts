import type { Explanation } from "@auth/core";
import type { OpenProfile } from "./profile.ts";

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
