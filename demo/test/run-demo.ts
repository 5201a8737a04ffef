import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";

export interface Run {
  readonly code: number;
  /** Everything that a reader gets. */
  readonly output: string;
  /** What is left in HOME and in the temporary folder. */
  readonly left: readonly string[];
}

const script = join(import.meta.dirname, "../demo.ts");

/** Runs the demo as `pnpm demo` does, in an empty HOME. */
export async function runDemo(where: "pipe" | "terminal", interruptAfter?: string): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "demo-test-"));
  const { PATH, SystemRoot } = process.env;
  const env = {
    ...(PATH && { PATH }),
    ...(SystemRoot && { SystemRoot }),
    HOME: folder,
    USERPROFILE: folder,
    TMPDIR: folder,
    TEMP: folder,
    TMP: folder,
  };
  const args = ["--conditions=src", script];
  try {
    const [code, output] = await (where === "pipe"
      ? inPipe(args, env)
      : onTerminal(args, env, interruptAfter));
    return { code, output, left: readdirSync(folder, { recursive: true }).map(String) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function inPipe(args: string[], env: Record<string, string>): Promise<[number, string]> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
      resolve([error ? Number(error.code ?? -1) : 0, stdout + stderr]),
    );
  });
}

function onTerminal(
  args: string[],
  env: Record<string, string>,
  interruptAfter?: string,
): Promise<[number, string]> {
  const terminal = spawn(process.execPath, args, { cols: 80, rows: 24, name: "xterm-256color", env });
  let output = "";
  let interrupted = false;
  terminal.onData((data) => {
    output += data;
    if (interruptAfter === undefined || interrupted || !output.includes(interruptAfter)) return;
    interrupted = true;
    terminal.write("\x03");
  });
  return new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve([exitCode, output])));
}
