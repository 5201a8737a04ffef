import type { Explanation, Provider } from "@auth/core";
import { type CredentialFields, credentialFrom } from "@auth/core/payload";
import { inTurn } from "./ask.ts";
import { knowable, type Message, type PromptType, printable } from "./questions.ts";
import { readPrompt } from "./read-prompt.ts";
import { shared } from "./shared.ts";
import { noTerminal, type Terminal, type TerminalInput, type TerminalOutput } from "./terminal.ts";

export interface FromPromptOptions {
  /** What to ask for. Default `"password"`: a user name and a password. */
  readonly type?: PromptType | undefined;
  /** Goes with `type: "password"`. It is not asked if it is given and not blank. */
  readonly username?: string | undefined;
  /** Goes with `type: "client-secret"`, where it is not asked if it is given and not blank; and with `"refresh-token"`. */
  readonly clientId?: string | undefined;
  /** The question for the secret, or the text of each question. Default: `"Password for alice"` and the like. */
  readonly message?: Message;
  /** Ask for the secret twice, until both are the same. Default false. */
  readonly confirm?: boolean | undefined;
  /** Where answers come from. Default: `process.stdin`. */
  readonly input?: TerminalInput | undefined;
  /** Where questions go. Default: `process.stderr`, so that standard output stays clean. */
  readonly output?: TerminalOutput | undefined;
}

/**
 * Asks the person at the terminal, and only for what is not known yet. What is typed to a secret question is not shown.
 * Callers at the same time share one question; every later read asks again.
 *
 * Errors: `ERR_AUTH_UNAVAILABLE/no-terminal` at once if input or output is no terminal, or `CI` is set;
 * `ERR_AUTH_DENIED/prompt-cancelled` after Ctrl-C or Ctrl-D, which stops a chain. An abort takes the question away.
 *
 * @example
 * ```ts
 * const credentials = chain(fromEnv({ prefix: "ACME" }), fromPrompt({ username: "alice" }));
 * ```
 */
export function fromPrompt(options: FromPromptOptions = {}): Provider {
  check(options);
  const { type = "password", message, confirm = false } = options;
  const name = printable(`prompt ${typeof message === "string" ? message : type}`);
  const known: CredentialFields = { username: options.username, clientId: options.clientId };
  const terminal = (): Terminal => ({
    input: options.input ?? process.stdin,
    output: options.output ?? process.stderr,
  });
  const unavailable = () => noTerminal(terminal(), process.env["CI"], name);
  const answers = shared((signal) => {
    const { input, output } = terminal();
    const asking = { input, output, source: name, signal };
    return inTurn(input, () => readPrompt({ type, known, message, confirm }, asking));
  });

  return {
    name,
    interactive: true,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const error = unavailable();
      if (error) throw error;
      return credentialFrom(await answers(signal), { source: name });
    },
    async explain(): Promise<Explanation> {
      const { code: outcome = "not-asked", reason = "interactive", message } = unavailable() ?? {};
      return { provider: name, outcome, reason, ...(message && { message }), durationMs: 0 };
    },
  };
}

function check(options: FromPromptOptions): void {
  const wrong = (problem: string): TypeError => new TypeError(`fromPrompt: ${problem}`);
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw wrong('give options as an object, such as { type: "api-key" }, or nothing');
  const { type = "password", message, confirm, input, output } = options;
  if (typeof type !== "string" || !Object.hasOwn(knowable, type))
    throw wrong(`\`type\` is one of ${Object.keys(knowable).join(", ")}`);
  for (const part of ["username", "clientId"] as const) {
    if (options[part] === undefined) continue;
    if (!knowable[type].includes(part)) throw wrong(`\`${part}\` does not go with type: "${type}"`);
    if (typeof options[part] !== "string") throw wrong(`\`${part}\` is a text`);
  }
  if (message !== undefined && typeof message !== "string" && typeof message !== "function")
    throw wrong("`message` is a text, or a function from a field to a text");
  if (confirm !== undefined && typeof confirm !== "boolean") throw wrong("`confirm` is true or false");
  if (input !== undefined && typeof Object(input).on !== "function")
    throw wrong("`input` is a readable stream, such as process.stdin");
  if (output !== undefined && typeof Object(output).write !== "function")
    throw wrong("`output` is a writable stream, such as process.stderr");
}
