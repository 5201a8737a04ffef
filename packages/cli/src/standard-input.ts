import { AuthError } from "@auth/core";
import type { Context } from "./context.ts";

const source = "standard input";

/** L14: no secret is larger. */
const maxBytes = 1_048_576;

/**
 * The secret on standard input, all of it; one line break at its end is the shell's (SEC-10). An interruption ends the wait.
 * Errors: `ERR_AUTH_NOT_FOUND/no-input`, `ERR_AUTH_INVALID/too-large` as soon as it is, `/not-utf8`.
 */
export async function secretFromStdin(context: Context): Promise<string> {
  const { stdin } = context.io;
  const bytes = await context.unlessInterrupted(readAll(stdin)).finally(() => {
    (stdin as Partial<NodeJS.ReadStream>).destroy?.(); // whoever still writes need not go on
  });
  const secret = decode(bytes).replace(/\r?\n$/, "");
  if (secret.trim() === "") throw unusable("ERR_AUTH_NOT_FOUND", "no-input", "there is nothing on it.");
  return secret;
}

async function readAll(stdin: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = maxBytes;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    left -= bytes.length;
    if (left < 0) {
      const what = "more than 1 MiB, and no secret is that large. Is it the right file?";
      throw unusable("ERR_AUTH_INVALID", "too-large", what);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unusable("ERR_AUTH_INVALID", "not-utf8", "not text in UTF-8. Is it the right file?");
  }
}

function unusable(code: ConstructorParameters<typeof AuthError>[0], reason: string, what: string): AuthError {
  return new AuthError(code, reason, `${source}: ${what}`, { provider: source });
}
