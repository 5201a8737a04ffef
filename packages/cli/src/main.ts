import { CommanderError } from "commander";
import { commandAt, pathOf } from "./command-at.ts";
import { Context, type GlobalOptions, type Io } from "./context.ts";
import { exitCode } from "./exit-code.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";
import { UsageError, usageOf } from "./usage-error.ts";
import { version } from "./version.ts";

export type { Io } from "./context.ts";

/**
 * The `auth` command as a function of what it is given. Resolves to the exit code (SEC-124); it never exits by itself, and
 * writes to standard output only when it has succeeded.
 *
 * @example
 * ```ts
 * process.exitCode = await main({ ...surroundings, argv: ["token", "acme"] });
 * ```
 */
export async function main(io: Io): Promise<number> {
  const dashes = io.argv.indexOf("--");
  const own = dashes < 0 ? io.argv : io.argv.slice(0, dashes);
  const context = new Context(io, dashes < 0 ? [] : io.argv.slice(dashes + 1));
  const program = createProgram(context, version());
  try {
    await program.parseAsync(own, { from: "user" });
    context.flush();
    return context.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) {
      context.flush(); // help, or the version
      return exitCode.done;
    }
    if (io.interruption?.signal.aborted) return exitCode.interrupted;
    const { json = false, verbose = false, debug = false } = program.opts<GlobalOptions>();
    const { command } = commandAt(program, own);
    const isUnfinished = thrown instanceof CommanderError && thrown.code === "commander.help";
    if (isUnfinished && !json) {
      io.stderr.write(command.helpInformation({ error: true }));
      return exitCode.usage;
    }
    const error = isUnfinished
      ? new UsageError(`${pathOf(command)}: say which command. See ${pathOf(command)} --help.`)
      : thrown instanceof CommanderError
        ? usageOf(thrown, { command, hasRest: dashes >= 0 })
        : thrown;
    const { text, code } = reportError(error, {
      json,
      verbose,
      debug,
      style: context.err,
      profile: context.profile,
    });
    context.say(text);
    return code;
  }
}
