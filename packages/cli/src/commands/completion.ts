import { Argument, type Command, type Option } from "commander";
import { commandAt } from "../command-at.ts";
import type { Config } from "../config/config.ts";
import { ownSchemes, quietReferencePattern, referencePattern } from "../config/reference.ts";
import type { Context } from "../context.ts";
import type { Define } from "../define.ts";

export const defineCompletion: Define = (parent, context) => {
  parent
    .command("completion")
    .summary("print a completion script")
    .addArgument(new Argument("<shell>", "for which shell").choices(["bash", "zsh", "fish"]))
    .action((shell: keyof typeof scripts) => context.print(scripts[shell]));
  parent.command("__complete", { hidden: true }).action(() => complete(context, parent));
};

/** Each shell hands what was typed so far to `auth __complete` and shows what comes back. */
const scripts: Readonly<Record<"bash" | "zsh" | "fish", string>> = {
  bash: `# Add to ~/.bashrc:  eval "$(auth completion bash)"
_auth() {
  local IFS=$'\\n'
  COMPREPLY=($(auth __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _auth auth
`,
  zsh: `# Add to ~/.zshrc, after compinit:  eval "$(auth completion zsh)"
_auth() {
  local -a found
  found=("\${(@f)$(auth __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "$found" ]] && compadd -a found || _default
}
compdef _auth auth
`,
  fish: `# Add to ~/.config/fish/completions/auth.fish:  auth completion fish | source
complete -c auth -f -a '(auth __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

/** What could stand in place of the last word: commands, options, values of options, profiles. */
async function complete(context: Context, program: Command): Promise<void> {
  const words = [...context.rest];
  const last = words.pop() ?? "";
  if (words.includes("--")) return; // after it, somebody else's command line begins
  const { command, operands, takes } = commandAt(program, words);
  const candidates = takes
    ? await optionChoices(context, takes)
    : last.startsWith("-")
      ? [...command.options, ...program.options].filter(({ hidden }) => !hidden).map(({ long }) => long ?? "")
      : command.commands.length > 0
        ? visible(command)
        : await argumentChoices(context, command, operands);
  for (const candidate of new Set(candidates))
    if (candidate.startsWith(last)) context.print(`${candidate}\n`);
}

function visible(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => each.name())
    .filter((name) => name !== "help");
}

async function optionChoices(
  context: Context,
  { long, argChoices = [] }: Option,
): Promise<readonly string[]> {
  if (long === "--profile") return profileNames(context);
  if (long !== "--credentials" && long !== "--client-secret-ref") return argChoices;
  const { sources = {} } = await configured(context);
  const pattern = long === "--credentials" ? referencePattern : quietReferencePattern;
  return [...ownSchemes, ...Object.keys(sources)]
    .map((scheme) => `${scheme}:`)
    .filter((beginning) => pattern.test(`${beginning}x`));
}

async function argumentChoices(context: Context, command: Command, used: number): Promise<readonly string[]> {
  const argument = command.registeredArguments[used];
  if (!argument) return [];
  return argument.argChoices ?? (argument.name() === "profile" ? profileNames(context) : []);
}

async function profileNames(context: Context): Promise<string[]> {
  return Object.keys((await configured(context)).profiles);
}

/** Whoever types is not told of a broken configuration. */
async function configured(context: Context): Promise<Config> {
  return context.config().then(
    ({ config }) => config,
    () => ({ profiles: {} }),
  );
}
