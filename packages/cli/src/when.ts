import { InvalidArgumentError } from "commander";

const units: readonly [name: string, ms: number][] = [
  ["day", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** `42 min`, `3 days`, `2 h 5 min`: as exact as people need it. */
export function duration(ms: number): string {
  const [at, [name, size]] = [...units.entries()].find(([, [, size]]) => ms >= size) ?? [3, ["s", 1_000]];
  const whole = Math.floor(ms / size);
  const next = units[at + 1];
  const rest = next && at < 2 ? Math.floor((ms % size) / next[1]) : 0;
  const plural = name === "day" && whole !== 1 ? "s" : "";
  return `${whole} ${name}${plural}${next && rest > 0 ? ` ${rest} ${next[0]}` : ""}`;
}

/** `in 42 min`, `3 days ago`. */
export function fromNow(at: Date, now: number): string {
  const ms = at.getTime() - now;
  return ms >= 0 ? `in ${duration(ms)}` : `${duration(-ms)} ago`;
}

/** `in 41 to 56 min`; `in 44 min` if both are the same to people, `within 5 min` if it may be now. */
export function between(from: Date, by: Date, now: number): string {
  const [least, most] = [from, by].map((at) => duration(at.getTime() - now)) as [string, string];
  if (least === most || by.getTime() - from.getTime() < 1_000) return `in ${most}`;
  if (from.getTime() - now < 1_000) return `within ${most}`;
  const [, number, unit] = /^(\d+) (\w+)$/.exec(least) ?? [];
  return `in ${unit !== undefined && most.endsWith(` ${unit}`) && /^\d+ \w+$/.test(most) ? number : least} to ${most}`;
}

/** Local time with its zone, to the second: `2026-11-21 14:05:09 +01:00`. */
export function instant(at: Date): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone}`;
}

const sizes: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `1h`. A number alone could be any of them. Throws the parser's complaint. */
export function milliseconds(text: string): number {
  const [, number, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  if (number === undefined || unit === undefined)
    throw new InvalidArgumentError("A time is a whole number with s, m or h: 90s, 5m.");
  return Number(number) * (sizes[unit] ?? 0);
}
