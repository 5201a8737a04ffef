import { stripVTControlCharacters } from "node:util";
import stringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";
import type { Style } from "./paint.ts";

/** What has no shape but an effect: controls, and what turns the direction of writing. Lines stay lines. */
const invisible = /[^\P{C}\n]/gu;

/** Foreign text as it may be shown: nothing in it moves the cursor or lies about its order (SEC-123). */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(invisible, "");
}

/** The same for every string in plain data; `then` may do more to each. */
export function cleaned<T>(value: T, then: (text: string) => string = (text) => text): T {
  if (typeof value === "string") return then(clean(value)) as T;
  if (Array.isArray(value)) return value.map((member) => cleaned(member, then)) as T;
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [clean(key), cleaned(member, then)]),
  ) as T;
}

/** Breaks lines between words; every line but the first begins with `indent` spaces. */
export function wrap(text: string, columns: number, indent = 0): string {
  const margin = " ".repeat(indent);
  return wrapAnsi(text, Math.max(columns - indent, 20), { trim: true })
    .split("\n")
    .join(`\n${margin}`);
}

/** Words and their explanations, the latter broken into lines of their own column. */
export function definitions(rows: readonly (readonly [word: string, text: string])[], style: Style): string {
  const width = Math.max(...rows.map(([word]) => stringWidth(word)));
  return table(rows.map(([word, text]) => [`  ${style.dim(word)}`, wrap(text, style.columns, width + 4)]));
}

/** Aligned columns, two spaces apart; the last one is as wide as it likes. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, stringWidth(cell));
    });
  const pad = (cell: string, at: number): string => cell + " ".repeat((widths[at] ?? 0) - stringWidth(cell));
  return rows.map((row) => `${row.map(pad).join("  ").trimEnd()}\n`).join("");
}
