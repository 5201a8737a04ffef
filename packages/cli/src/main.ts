import { CommanderError } from "commander";
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
  if (own.length === 0) {
    io.stderr.write(program.helpInformation({ error: true }));
    return exitCode.usage;
  }
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
    const error = thrown instanceof CommanderError ? usageOf(thrown) : thrown;
    const { json = false, verbose = false, debug = false } = program.opts<GlobalOptions>();
    const { text, code } = reportError(error, {
      json,
      verbose,
      debug,
      style: context.err,
      profile: context.profile,
    });
    context.say(text);
    return error instanceof UsageError ? exitCode.usage : code;
  }
}
