import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { spawn } from "@lydell/node-pty";
import { onTestFinished } from "vitest";

/** Wait for this text, then press these keys. */
export type Step = readonly [text: string, keys: string];

export interface Seen {
  readonly exitCode: number;
  /** Every byte that the terminal got. */
  readonly raw: string;
  /** The same without colours and cursor movements. */
  readonly screen: string;
}

export const program: string = fileURLToPath(new URL("./program.ts", import.meta.url));
export const nodeArguments: readonly string[] = ["--conditions=src", program];

/** Runs a command in a terminal of its own and answers what it asks. */
export function drive(
  [file, ...args]: readonly [string, ...string[]],
  steps: readonly Step[],
  environment: Record<string, string> = {},
): Promise<Seen> {
  const { CI: _, ...outer } = process.env;
  const env = { ...outer, TERM: "xterm-256color", ...environment };
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const terminal = spawn(file, [...args], { name: "xterm-256color", cols: 120, rows: 30, env, cwd });
  let over = false;
  onTestFinished(({ task }) => {
    if (over) return;
    console.error(
      `${task.name}: waited for ${JSON.stringify(left[0])}; the terminal shows ${JSON.stringify(raw)}`,
    );
    terminal.kill();
  });
  let raw = "";
  let from = 0;
  const left = [...steps];
  terminal.onData((data) => {
    raw += data;
    const [next] = left;
    if (!next || !stripVTControlCharacters(raw.slice(from)).includes(next[0])) return;
    left.shift();
    from = raw.length;
    terminal.write(next[1]);
  });
  return new Promise((resolve) => {
    terminal.onExit(({ exitCode }) => {
      over = true;
      resolve({ exitCode, raw, screen: stripVTControlCharacters(raw) });
    });
  });
}

/** Runs the program in a terminal. */
export function ask(
  plan: Record<string, unknown>,
  steps: readonly Step[],
  environment?: Record<string, string>,
): Promise<Seen> {
  return drive([process.execPath, ...nodeArguments, JSON.stringify(plan)], steps, environment);
}
