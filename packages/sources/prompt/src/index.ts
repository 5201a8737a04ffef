export { type FromPromptOptions, fromPrompt } from "./from-prompt.ts";
export type { PromptField, PromptType } from "./questions.ts";
export { scheme } from "./scheme.ts";
export type { TerminalInput, TerminalOutput } from "./terminal.ts";
