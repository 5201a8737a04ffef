import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/**
 * Columns as wide as their widest cell. On a terminal the heading is bold and rows have the style that `style` gives
 * them; in a pipe everything is plain.
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  style?: (row: readonly string[]) => Style | undefined,
): string {
  const widths = heading.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[], format: Style | undefined): string => {
    const text = cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
    return format ? styleText(format, text, { stream: process.stdout }) : text;
  };
  return [line(heading, "bold"), ...rows.map((row) => line(row, style?.(row)))].join("\n");
}
