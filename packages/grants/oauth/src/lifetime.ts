import { instant } from "./instant.ts";

/** L9, in seconds */
const longest = 365 * 86_400;

/** Reads `expires_in` (SEC-33): whole seconds, or why there are none. */
export function lifetime(value: unknown): number | "absent" | "unreadable" {
  if (value === undefined || value === null) return "absent";
  const seconds = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds < 0) return "unreadable";
  return Math.min(Math.floor(seconds), longest);
}

/** The same for the instant at which it ends. An instant that has passed is a lifetime of zero. */
export function lifetimeUntil(end: unknown, sentAt: number): number | "unreadable" {
  const at = instant(end);
  return at ? Math.min(Math.max(0, (at.getTime() - sentAt) / 1_000), longest) : "unreadable";
}
