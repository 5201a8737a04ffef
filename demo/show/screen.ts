import { stripVTControlCharacters, styleText } from "node:util";
import { wrapAnsi } from "fast-wrap-ansi";

type Format = Parameters<typeof styleText>[0];

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const margin = "   ";

/** Tells the story: with colour and moving lines on a terminal, in plain lines anywhere else. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #columns: number;
  readonly #moves: boolean;
  /** Everything that was shown, to be searched for secrets. */
  #shown = "";

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#columns = Math.min(out.columns ?? 80, 80);
    this.#moves = out.isTTY && process.env["TERM"] !== "dumb";
  }

  get shown(): string {
    return this.#shown;
  }

  paint(format: Format, text: string): string {
    return styleText(format, text, { stream: this.#out });
  }

  line(text = ""): void {
    this.#write(`${text}\n`);
  }

  /** A paragraph, broken between words. */
  say(text: string, first = margin): void {
    const indent = stripVTControlCharacters(first).length;
    const wrapped = wrapAnsi(text, this.#columns - indent - 1, { trim: true });
    this.line(first + wrapped.split("\n").join(`\n${" ".repeat(indent)}`));
  }

  title(text: string): void {
    this.line(`\n${margin}${this.paint(["bold", "cyan"], text)}\n`);
  }

  step(number: number, title: string): void {
    this.line(`\n ${this.paint(["bold", "cyan"], `${number}`)} ${this.paint("bold", title)}`);
  }

  verdict(good: boolean, text: string): void {
    this.say(text, ` ${this.paint(good ? "green" : "red", good ? "✓" : "✗")} `);
  }

  /** Columns two spaces apart; the first row may be a heading. */
  table(rows: readonly (readonly string[])[], format: (row: number) => Format | undefined): void {
    const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
    const widths = (rows[0] ?? []).map((_, column) => width(column));
    for (const [at, row] of rows.entries()) {
      const text = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
      const how = format(at);
      this.line(margin + (how ? this.paint(how, text.trimEnd()) : text.trimEnd()));
    }
  }

  /** Shows what is going on while `work` goes on; nothing of it stays. */
  async during<T>(work: Promise<T>, now: () => string): Promise<T> {
    if (!this.#moves) return work;
    let frame = 0;
    const draw = (): void => {
      const text = `${frames[frame++ % frames.length]} ${now()}`.slice(0, this.#columns - 2);
      this.#write(`\r\x1b[2K ${this.paint("dim", text)}`);
    };
    const showCursor = (): void => this.#write("\r\x1b[2K\x1b[?25h");
    process.on("exit", showCursor);
    this.#write("\x1b[?25l");
    const timer = setInterval(draw, 80);
    draw();
    try {
      return await work;
    } finally {
      clearInterval(timer);
      process.off("exit", showCursor);
      showCursor();
    }
  }

  #write(text: string): void {
    this.#shown += text;
    this.#out.write(text);
  }
}
