import stringWidth from "fast-string-width";

/**
 * Rows of plain text that fit into `columns` as a table: of the columns that may be cut, in this order of their numbers, the
 * widest loses first, and no more than has to be.
 */
export function fitted(
  rows: readonly (readonly string[])[],
  columns: number,
  cuttable: readonly number[],
): readonly (readonly string[])[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, stringWidth(cell));
    });
  const total = (): number => widths.reduce((sum, width) => sum + width + 2, -2);
  while (total() > columns) {
    const widest = cuttable.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a));
    const width = widths[widest] ?? 0;
    if (width <= 8) break;
    widths[widest] = width - 1;
  }
  return rows.map((row) =>
    row.map((cell, at) => (cuttable.includes(at) ? cut(cell, widths[at] ?? 0) : cell)),
  );
}

function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const character of text) {
    if (stringWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
