import { once } from "node:events";

export type Row = readonly [what: string, count: number | string];

/** The small table that a run ends with. */
export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, count]) => `  ${what.padEnd(width)}  ${`${count}`.padStart(8)}`).join("\n");
}

/** Of numbers in any order, in ms. */
export function msOf(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return at === undefined ? "–" : `${at.toFixed(1)} ms`;
}

/** Writes all of it before it resolves, also into a pipe. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
}
