import { styleText } from "node:util";

/** A stream that text goes to; a terminal says how wide it is and what colors it has. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  getColorDepth?(env?: object): number;
}

type Paint = (text: string) => string;

export interface Style {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly hasColors: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  /** Black on white, whatever the terminal looks like otherwise. */
  readonly ink: Paint;
}

/** Colors for people; plain text for pipes, `NO_COLOR` and dumb terminals. */
export function styleOf(output: Output, env: Readonly<Record<string, string | undefined>>): Style {
  const isTerminal = output.isTTY === true;
  const colors = isTerminal && (output.getColorDepth?.(env) ?? 1) > 1;
  const paint =
    (format: Parameters<typeof styleText>[0]): Paint =>
    (text) =>
      colors ? styleText(format, text, { validateStream: false }) : text;
  return {
    isTerminal,
    // Nobody likes to read lines of 200 characters, and a pipe has no width.
    columns: isTerminal ? Math.min(output.columns || 80, 100) : Number.POSITIVE_INFINITY,
    hasColors: colors,
    bold: paint("bold"),
    dim: paint("dim"),
    good: paint("green"),
    bad: paint("red"),
    warn: paint("yellow"),
    ink: paint(["black", "bgWhiteBright"]),
  };
}
