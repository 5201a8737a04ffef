import type { ReadContext } from "./helper-format.ts";
import { malformed, problem } from "./problem.ts";

const rfc3339 =
  /^(\d{4}-\d\d-\d\d)[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** How programs in Go write a time that they do not know. */
const unknown = /^0001-01-01T00:00:00(?:\.0+)?Z$/;

/** When an answer stops working, as RFC 3339 text; one that is over is refused. Errors: `INVALID/expired-on-arrival`. */
export function expiry(
  text: string | undefined,
  name: string,
  context: ReadContext,
): { readonly expiresAt?: Date } {
  if (text === undefined || unknown.test(text)) return {};
  const [, day] = rfc3339.exec(text) ?? [];
  // The engine knows no leap second, and takes February 30th for March 2nd.
  const at = new Date(day === undefined ? Number.NaN : text.replace(/^(.{17})60/, "$159"));
  const real = day !== undefined && !Number.isNaN(at.getTime()) && isDay(day);
  if (!real) throw malformed(context, `has a "${name}" that is no date as in RFC 3339`);
  return notOver(at, context);
}

export function notOver(expiresAt: Date, context: ReadContext): { readonly expiresAt: Date } {
  if (expiresAt.getTime() <= context.now)
    throw problem(
      "INVALID",
      "expired-on-arrival",
      context,
      "what it answers has expired already. Sign in to it again, or check this machine's clock.",
    );
  return { expiresAt };
}

function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}
