// What of the command line no run has exercised: a command or an option that never ended well. `pnpm e2e` asks with the runs of
// all tests; the argument is the file in which the sandbox has noted them.
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { commandAt, pathOf } from "../src/command-at.ts";
import { Context } from "../src/context.ts";
import { createProgram } from "../src/program.ts";

interface Run {
  readonly args: readonly string[];
  readonly code: number;
}

export function unexercised(runs: readonly Run[]): string[] {
  const { env, platform, stdin, stdout, stderr } = process;
  const io = { env, platform, stdin, stdout, stderr, cwd: undefined, argv: [] };
  const program = createProgram(new Context(io, []), "0.0.0");
  const used = new Set(
    runs
      .filter(({ code }) => code === 0)
      .flatMap(({ args }) => {
        const end = args.indexOf("--");
        const { command, options } = commandAt(program, end < 0 ? args : args.slice(0, end));
        return [
          pathOf(command),
          ...options.map(({ long }) => `${long} of ${pathOf(command)}`),
          ...options.map(({ long }) => `${long}`),
        ];
      }),
  );
  return offered(program).filter((each) => !used.has(each));
}

/** Commands, and options: those of the program once, as they are the same everywhere. */
function offered(command: Command): string[] {
  const isGroup = command.commands.length > 0;
  const options = command.options.map(({ long }) =>
    command.parent ? `${long} of ${pathOf(command)}` : `${long}`,
  );
  const own = isGroup && command.name() !== "profiles" ? [] : [pathOf(command)];
  return [...own, ...options, ...command.commands.flatMap(offered)];
}

if (import.meta.main) {
  const lines = readFileSync(process.argv[2] as string, "utf8")
    .trim()
    .split("\n");
  for (const each of unexercised(lines.map((line) => JSON.parse(line) as Run))) console.log(each);
}
