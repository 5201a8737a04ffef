export type { CommandFormat } from "./command-format.ts";
export {
  type CommandOptions,
  type FromCommandOptions,
  type FromHelperOptions,
  fromCommand,
} from "./from-command.ts";
export type { ProgramAnswer } from "./run-file.ts";
export { type RunProgramOptions, runProgram } from "./run-program.ts";
export { type DeclaredCommands, declaredCommands, scheme } from "./scheme.ts";
export type { ExitMeaning } from "./to-auth-error.ts";
