import type { ReadContext } from "./helper-format.ts";
import { problem } from "./problem.ts";

const maxBytes = 1_048_576; // L14

/** An answer's bytes as text. Errors: `INVALID/too-large`, `/not-utf8`. */
export function decodeText(bytes: Uint8Array, context: ReadContext): string {
  if (bytes.length > maxBytes)
    throw problem("INVALID", "too-large", context, `the answer is larger than ${maxBytes} bytes.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw problem(
      "INVALID",
      "not-utf8",
      context,
      "the answer is not UTF-8 text. Mend what the helper prints.",
    );
  }
}
