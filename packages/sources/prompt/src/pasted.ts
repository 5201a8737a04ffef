import { PassThrough } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { TerminalInput } from "./terminal.ts";

/** The same input for one secret question, and how its answer reads. */
export interface Pasted extends Disposable {
  readonly input: TerminalInput;
  /** The answer, with what was pasted in its places. */
  readonly whole: (answer: string) => string;
}

/** So much text at once is no typing. An escape sequence is shorter, and its ESC stands for itself. */
const paste = /[^\p{Cc}\ue000-\uf8ff]{64,}|[\ue000-\uf8ff]/gu;

/**
 * The library looks at its whole line, and draws it, for each character: a long paste would take it seconds. It is given one
 * character of the private use area for each paste instead, however many pieces that comes in, and a Backspace takes it back
 * as a whole. Nobody sees the difference: nothing of a secret is shown.
 */
export function pasted(input: TerminalInput): Pasted {
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean): unknown => input.setRawMode?.(mode),
  });
  const decoder = new StringDecoder();
  const texts: string[] = [];
  let goesOn = false; // nothing came since the last piece
  const keep = (text: string, at: number): string => {
    if (goesOn && at === 0) {
      texts[texts.length - 1] += text;
      return "";
    }
    // More pastes than the area has room for do not happen; what comes then is typed.
    if (texts.length > 0xf8ff - 0xe000) return text;
    return String.fromCharCode(0xe000 + texts.push(text) - 1);
  };
  const pass = (chunk: Buffer | string): void => {
    const text = typeof chunk === "string" ? chunk : decoder.write(chunk);
    const keys = text.includes("\u001b") ? text : text.replace(paste, keep);
    if (keys === "") return;
    goesOn = /[\ue000-\uf8ff]$/.test(keys);
    stream.write(keys);
  };
  const end = (): void => void stream.end();
  const pause = (): void => void input.pause();
  const resume = (): void => void input.resume();
  input.on("data", pass).on("end", end).on("close", end);
  stream.on("pause", pause).on("resume", resume);
  return {
    input: stream,
    whole: (answer) =>
      answer.replace(/[\ue000-\uf8ff]/g, (mark) => texts[mark.charCodeAt(0) - 0xe000] ?? mark),
    [Symbol.dispose]() {
      input.off("data", pass).off("end", end).off("close", end);
      stream.off("pause", pause).off("resume", resume).destroy();
      texts.length = 0;
    },
  };
}

/** For what everybody may see: as it comes. */
export const asTyped = (input: TerminalInput): Pasted => ({
  input,
  whole: (answer) => answer,
  [Symbol.dispose]() {},
});
