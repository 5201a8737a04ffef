import { spawn } from "node:child_process";
import { constants } from "node:os";
import { AuthError } from "@auth/core";
import type { Context } from "../context.ts";
import { type Define, forceRefreshOption, minTtlOption, profileArgument } from "../define.ts";
import { UsageError } from "../usage-error.ts";
import { type TokenOptions, tellIfShort, tokenOptions } from "./token.ts";

interface ExecOptions extends TokenOptions {
  readonly env: string;
}

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

export const defineExec: Define = (parent, context) => {
  parent
    .command("exec")
    .summary("run a program with the token in its environment")
    .usage("[options] [profile] -- <program> [arguments...]")
    .description("Runs a program with the token in one environment variable, and ends with its exit code.")
    .addArgument(profileArgument())
    .option("-e, --env <name>", "the variable", "AUTH_TOKEN")
    .addOption(minTtlOption())
    .addOption(forceRefreshOption())
    .action((named, options) => exec(context, named, options));
};

async function exec(
  context: Context,
  named: string | undefined,
  { env: variable, ...options }: ExecOptions,
): Promise<void> {
  const [program, ...args] = context.rest;
  if (program === undefined)
    throw new UsageError("exec: say what to run after two dashes: auth exec -- curl https://…");
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
    throw new UsageError("exec: --env takes the name of a variable: letters, digits, underscores");
  const token = await (async () => {
    await using open = await context.open(await context.choose(named));
    const token = await open.auth.getToken({ ...context.until, ...tokenOptions(options) });
    await tellIfShort(context, open, token, options);
    return token.reveal();
  })();
  const resume = context.io.interruption?.suspend();
  try {
    context.exitCode = await run(program, args, { ...context.io.env, [variable]: token });
  } finally {
    resume?.();
  }
}

/** No shell in between: what is written is what runs. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, args, { env, stdio: "inherit", shell: false });
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal sends Ctrl-C to the child as well; twice would be an impatient person.
    if ((signal === "SIGINT" || signal === "SIGQUIT") && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => reject(cannotRun(error)));
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]));
  }).finally(() => {
    for (const signal of forwarded) process.off(signal, forward);
  });
}

function cannotRun(error: NodeJS.ErrnoException): AuthError {
  return error.code === "ENOENT"
    ? new AuthError("ERR_AUTH_NOT_FOUND", "no-program", "exec: there is no such program on the PATH.", {
        cause: error,
      })
    : new AuthError("ERR_AUTH_DENIED", "no-program", "exec: this program may not be run.", { cause: error });
}
