import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";

const cursorShown = "\u001b[?25h";

/** A person at a terminal, who answers each question that contains one of the texts they know. */
export function person() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  let answers: Readonly<Record<string, string>> = {};
  let question = "";
  let answered = false;

  function answer(): void {
    const known = Object.keys(answers).find((text) => question.includes(text));
    if (answered || known === undefined) return;
    answered = true;
    const keys = answers[known];
    setImmediate(() => input.write(keys)); // nobody types before the question stands
  }

  output.on("data", (chunk: Buffer) => {
    const text = chunk.toString();
    // A question is painted again at each key; it is over when the cursor comes back.
    const over = text.includes(cursorShown);
    question = over ? "" : question + stripVTControlCharacters(text);
    if (over) answered = false;
    answer();
  });
  return {
    input,
    output,
    /** Sits down; from now on these are the answers, with the keys that end them. */
    knows(next: Readonly<Record<string, string>>): void {
      input.isTTY = true;
      answers = next;
      answer();
    },
    leaves(): void {
      input.isTTY = false;
    },
  };
}
