import { type Argument, Command } from "commander";
import { defineCompletion } from "./commands/completion.ts";
import { defineConfig } from "./commands/config.ts";
import { defineExec } from "./commands/exec.ts";
import { defineExplain } from "./commands/explain.ts";
import { defineHeaders } from "./commands/headers.ts";
import { defineLogin } from "./commands/login.ts";
import { defineLogout } from "./commands/logout.ts";
import { defineProfiles } from "./commands/profiles.ts";
import { defineStatus } from "./commands/status.ts";
import { defineToken } from "./commands/token.ts";
import { defineTokens } from "./commands/tokens.ts";
import type { Context } from "./context.ts";
import { debug } from "./debug.ts";
import type { Define } from "./define.ts";
import { UsageError } from "./usage-error.ts";

const groups: Readonly<Record<string, readonly Define[]>> = {
  "Log in and out:": [defineLogin, defineLogout],
  "Use a token:": [defineToken, defineHeaders, defineExec, defineTokens],
  "See what is going on:": [defineStatus, defineExplain],
  "Set up:": [defineProfiles, defineConfig, defineCompletion],
};

/** The command line: what can be typed, and its help. */
export function createProgram(context: Context, version: string): Command {
  const { out, err } = context;
  const program = new Command("auth")
    .description("Log in once, and give your tools fresh tokens.")
    .option("--profile <name>", "which login; also AUTH_PROFILE, .auth.json")
    .option("-c, --config <file>", "your configuration; also AUTH_CONFIG")
    .option("--json", "reports and errors as JSON")
    .option("-v, --verbose", "say what happens, on standard error")
    .option("--debug", "show withheld words too, on standard error; they may hold secrets")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .configureHelp({
      styleTitle: out.bold,
      styleCommandText: out.bold,
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map((argument) => argumentTerm(argument))].join(" "),
    })
    .configureOutput({
      writeOut: (text) => context.print(text),
      // Complaints arrive as errors, and are reported in one place.
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => Math.min(out.columns, 100),
      getErrHelpWidth: () => Math.min(err.columns, 100),
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .exitOverride()
    .hook("preAction", async (_, command) => {
      context.options = program.opts();
      await debug(context);
      if (context.rest.length > 0 && !["exec", "__complete"].includes(command.name()))
        throw new UsageError(
          `${command.name()}: nothing goes after two dashes. See auth ${command.name()} --help.`,
        );
    });
  for (const [group, definitions] of Object.entries(groups)) {
    program.commandsGroup(group);
    for (const define of definitions) define(program, context);
  }
  program.helpCommand("help [command]", "print help for a command");
  return program;
}

function argumentTerm(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}
