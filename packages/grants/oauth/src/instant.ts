const iso = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?(?:([Zz])|([+-]\d\d):?(\d\d))?$/;
/** Below, a number counts seconds: as milliseconds it would be 1973, as seconds it is the year 5138. */
const firstMs = 100_000_000_000;

/**
 * Reads an instant as servers and files write it: RFC 3339, without a zone meaning UTC; or a Unix time, in seconds or
 * milliseconds by its size; or a `Date`. Anything else is nothing: no part of it is guessed.
 *
 * @example
 * ```ts
 * instant("2026-08-21T16:57:01.113Z"); // that instant
 * instant(1_787_331_421); // the same, to the second
 * ```
 */
export function instant(value: unknown): Date | undefined {
  const ms =
    value instanceof Date ? value.getTime() : typeof value === "string" ? fromText(value) : fromNumber(value);
  return Number.isNaN(new Date(ms).getTime()) ? undefined : new Date(ms);
}

function fromText(text: string): number {
  if (/^\d{1,13}$/.test(text)) return fromNumber(Number(text));
  const [all, day, time, fraction = "", , hours, minutes] = iso.exec(text) ?? [];
  if (all === undefined) return Number.NaN;
  return Date.parse(`${day}T${time}${fraction.slice(0, 4)}${hours ? `${hours}:${minutes}` : "Z"}`);
}

function fromNumber(value: unknown): number {
  if (typeof value !== "number" || value < 0) return Number.NaN;
  return value < firstMs ? value * 1_000 : value;
}
