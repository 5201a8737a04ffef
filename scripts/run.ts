import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { root } from "./packages.ts";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Ends the child after this time. Default: 120000, two minutes. */
  timeoutMs?: number;
}

/** Says what failed, how, and the last of what it wrote. */
export class CommandFailed extends Error {
  /** All that it wrote. */
  readonly output: string;
  constructor(command: string, how: string, output: string) {
    super(`${command} ${how}\n${output.trim().split("\n").slice(-30).join("\n")}`);
    this.output = output;
  }
}

/** Runs a command without a shell; resolves to its standard output, or rejects with all that it wrote. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd = root, env = process.env, timeoutMs = 120_000 } = options;
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  let stdout = "";
  let all = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    all += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    all += text;
  });
  return new Promise((resolve, reject) => {
    const fail = (how: string): void =>
      reject(new CommandFailed([command, ...args].join(" "), how, stripVTControlCharacters(all)));
    child.on("error", (error) => fail(error.message));
    // What the child started may outlive it and hold its output open: do not wait for that once it was ended.
    child.on("exit", (_, signal) => signal && fail(`was ended by ${signal}`));
    child.on("close", (code) => (code === 0 ? resolve(stdout) : fail(`ended with ${code}`)));
  });
}
