import type { Said } from "./said.ts";
import type { Answer } from "./send.ts";

/** How servers say that an assertion is not of this minute: RFC 7523 §3 leaves the words to them. */
const aboutTime =
  /\b(?:expired|too (?:late|early|old)|not (?:yet )?(?:active|valid)|in the future|time ?(?:range|frame)|iat|nbf|exp|clocks?)\b/i;
const lateAssertion = 700024; // Entra

/** Was an assertion refused for its time, as far as anything tells? It lives for a minute, so the clocks must agree to that. */
export function clockNote({ aheadMs = 0 }: Pick<Answer, "aheadMs">, said: Said): string | undefined {
  const told = said.codes.includes(lateAssertion) || aboutTime.test(said.text);
  if (Math.abs(aheadMs) >= (told ? 2_000 : 30_000)) return `${difference(aheadMs)}: set it.`;
  return told ? "This machine's clock and the server's differ, or the key is wrong: check both." : undefined;
}

/** In words, for messages. */
export function difference(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  return `This machine's clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} the server's`;
}
