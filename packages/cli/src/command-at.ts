import type { Command, Option } from "commander";

export interface Place {
  readonly command: Command;
  /** Those that were typed, of the command or of the program. */
  readonly options: readonly Option[];
  /** How many arguments of its own the command got. */
  readonly operands: number;
  /** The option whose value comes next. */
  readonly takes: Option | undefined;
}

/** Where words lead on the command line: which command they are for, and how far they got. */
export function commandAt(program: Command, words: readonly string[]): Place {
  let command = program;
  let operands = 0;
  let takes: Option | undefined;
  const options: Option[] = [];
  for (const word of words) {
    if (takes) takes = undefined;
    else if (word.startsWith("-")) {
      const [name, value] = word.split("=", 2);
      const option = [...command.options, ...program.options].find(
        ({ short, long }) => name === short || name === long,
      );
      if (option) options.push(option);
      if (option?.required && value === undefined) takes = option;
    } else {
      const inner = command.commands.find((each) => each.name() === word);
      if (inner) command = inner;
      else operands++;
    }
  }
  return { command, options, operands, takes };
}

/** `auth profiles add` */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
