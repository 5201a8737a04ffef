import type { CredentialFields } from "@auth/core/payload";
import { type Asking, ask } from "./ask.ts";
import { type Message, nextQuestion, type PromptType, type Question } from "./questions.ts";

export interface Wanted {
  readonly type: PromptType;
  /** What need not be asked. */
  readonly known: CredentialFields;
  readonly message: Message;
  /** Ask for secrets twice. */
  readonly confirm: boolean;
}

/** Asks until nothing is missing. */
export async function readPrompt(
  { type, known, message, confirm }: Wanted,
  asking: Asking,
): Promise<CredentialFields> {
  let answers = known;
  for (;;) {
    const question = nextQuestion(type, answers, message);
    if (!question) return answers;
    const twice = confirm && question.secret;
    answers = {
      ...answers,
      [question.field]: await (twice ? askTwice(question, asking) : ask(question, asking)),
    };
  }
}

async function askTwice(question: Question, asking: Asking): Promise<string> {
  for (let { message } = question; ; message = `The two differ. ${question.message}`) {
    const first = await ask({ ...question, message }, asking);
    const second = await ask({ ...question, message: `${question.message}, again` }, asking);
    if (first === second) return first;
  }
}
