import type { FailureFacts } from "./failure-facts.ts";

/** The longest pause that is shown or kept (L5). */
const longest = 3_600_000;

/** When the vault wants to be asked again, in ms from `now`: its own header in ms, or RFC 9110 §10.2.3 (seconds, a date). */
export function retryAfterOf({ header }: Pick<FailureFacts, "header">, now: number): number | undefined {
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const value = header(name)?.trim() ?? "";
    if (/^\d{1,10}$/.test(value)) return Math.min(Number(value), longest);
  }
  const value = header("retry-after")?.trim() ?? "";
  if (/^\d{1,10}$/.test(value)) return Math.min(Number(value) * 1_000, longest);
  const at = /^[A-Z][a-z]+, .+ GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), longest);
}
