import { Writable } from "node:stream";
import { AuthError } from "@auth/core";

/** What is typed: `process.stdin`, or a terminal that the program opened itself. */
export interface TerminalInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
}

/** What is seen: `process.stderr`, or a terminal that the program opened itself. */
export interface TerminalOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Terminal {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
}

/**
 * Why nobody can be asked, or nothing if somebody can. `CI` is looked at because build machines often have a terminal that
 * nobody sits at.
 */
export function noTerminal(
  { input, output }: Terminal,
  ci: string | undefined,
  source: string,
): AuthError | undefined {
  const why =
    ci?.trim() && !/^(?:0|false)$/i.test(ci)
      ? "the environment variable CI is set"
      : input.isTTY !== true
        ? "the input is not a terminal"
        : output.isTTY !== true
          ? "the output (standard error) is not a terminal"
          : undefined;
  if (!why) return undefined;
  return new AuthError(
    "ERR_AUTH_UNAVAILABLE",
    "no-terminal",
    `${source}: nobody can be asked: ${why}. Run it in a terminal, or give the credential in the environment or in a file.`,
    { provider: source },
  );
}

/** The same output for one question: the library ends what it writes to, and a terminal outlives a question. */
export function forOneQuestion(output: TerminalOutput): Writable {
  const write: Writable["_write"] = (chunk, _encoding, done) => {
    output.write(chunk);
    done();
  };
  return Object.defineProperty(new Writable({ write }), "columns", { get: () => output.columns });
}
