import { styleText } from "node:util";
import type { Spread } from "./ratio.ts";

/** One line of a table. */
export interface Row {
  /** Undefined: for information. */
  readonly good?: boolean | undefined;
  readonly cells: readonly string[];
  /** The same for programs. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
  /** What has to be known to read it. */
  readonly notes?: readonly string[];
}

const stream = process.stdout;
const style = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, text, { stream });

/** A table; with colours where the output can show them. */
export function tableOf({ title, head, rows, notes = [] }: Section): string {
  const lines = [head, ...rows.map(({ cells }) => cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const align = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [
    style("bold", title),
    style("dim", `      ${align(head)}`),
    ...rows.map(({ good, cells }) => `${verdict(good)}  ${align(cells)}`),
    ...notes.map((note) => style("dim", `      ${note}`)),
    "",
  ].join("\n");
}

function verdict(good: boolean | undefined): string {
  if (good === undefined) return "    ";
  return good ? style("green", "ok  ") : style("red", "FAIL");
}

/** How far a run has come, on a terminal only. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);
}

/** `0.50 × (0.40 – 0.61)` */
export function ratioText({ min, median, max }: Spread): string {
  return `${figure(median)} × (${figure(min)} – ${figure(max)})`;
}

/** A number of nanoseconds, in the unit that suits it. */
export function duration(ns: number): string {
  if (ns < 1e3) return `${figure(ns)} ns`;
  if (ns < 1e6) return `${figure(ns / 1e3)} µs`;
  return ns < 1e9 ? `${figure(ns / 1e6)} ms` : `${figure(ns / 1e9)} s`;
}
