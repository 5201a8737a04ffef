import { AuthError } from "@auth/core";
import { asTyped, pasted } from "./pasted.ts";
import type { Question } from "./questions.ts";
import { forOneQuestion, type Terminal, type TerminalInput } from "./terminal.ts";
import { toAuthError } from "./to-auth-error.ts";

export interface Asking extends Terminal {
  readonly source: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Two questions at once would share keystrokes, whoever asks: a terminal answers one after the other. */
const turns = new WeakMap<object, Promise<unknown>>();

/** Runs `work` when the terminal is free. */
export function inTurn<T>(input: object, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(input) ?? Promise.resolve()).then(work);
  turns.set(
    input,
    turn.catch(() => {}),
  );
  return turn;
}

/**
 * Asks one question. What is typed to a secret one is never shown, and the terminal is left as it was found, whatever ends
 * the question (SEC-121). Errors: `DENIED/prompt-cancelled`, `UNAVAILABLE/missing-package`.
 */
export async function ask(question: Question, asking: Asking): Promise<string> {
  const { output, source, signal } = asking;
  const { text, password, onExit } = await library(source);
  signal.throwIfAborted();
  const { message, secret } = question;
  using typed = secret ? pasted(asking.input) : asTyped(asking.input);
  const { input, whole } = typed;
  const validate = (answer: string): true | string =>
    whole(answer).trim() !== "" || "Type something, or press Ctrl-C to give up.";
  const closed = new AbortController();
  const unwatch = watchClose(input, () => closed.abort());
  // The library does not put the terminal back when a signal ends the process, and hides the cursor meanwhile.
  const forget = onExit(() => {
    input.setRawMode?.(false);
    output.write("\u001b[?25h");
  });
  try {
    const context = {
      input,
      output: forOneQuestion(output),
      signal: AbortSignal.any([signal, closed.signal]),
    };
    // `toggleMask` would show the secret on Ctrl-T.
    if (secret) return whole(await password({ message, validate, toggleMask: false }, context));
    return (await text({ message, validate }, context)).trim();
  } catch (error) {
    signal.throwIfAborted();
    throw toAuthError(error, source);
  } finally {
    forget();
    unwatch();
    input.pause(); // the library forgets it after Ctrl-Z, and the program would never end
  }
}

/** What asks, loaded when somebody is asked. Errors: `UNAVAILABLE/missing-package`. */
async function library(source: string) {
  try {
    const [{ default: text }, { default: password }, { onExit }] = await Promise.all([
      import("@inquirer/input"),
      import("@inquirer/password"),
      import("signal-exit"),
    ]);
    return { text, password, onExit };
  } catch (error) {
    throw new AuthError(
      "ERR_AUTH_UNAVAILABLE",
      "missing-package",
      `${source}: @inquirer/input, @inquirer/password or signal-exit cannot be loaded. Install @auth/prompt again, with its dependencies.`,
      { provider: source, cause: error },
    );
  }
}

/**
 * Tells when the terminal is closed under the question: by Ctrl-D, or for good. The library says nothing then and would wait
 * for ever; the stream is paused, though. It is also paused when a stopped job comes back (Ctrl-Z), and has to be woken; the
 * shell has turned echo on meanwhile.
 */
function watchClose(input: TerminalInput, close: () => void): () => void {
  let back = false;
  const onContinue = (): void => {
    input.setRawMode?.(false); // it would not be turned on while it counts as on
    input.setRawMode?.(true);
    back = true;
    setImmediate(() => {
      back = false;
    });
  };
  const onPause = (): void => {
    if (back) input.resume();
    else close();
  };
  process.on("SIGCONT", onContinue);
  input.on("pause", onPause);
  return () => {
    process.off("SIGCONT", onContinue);
    input.off("pause", onPause);
  };
}
