import { AuthError, type Credential } from "@auth/core";
import { type CredentialFields, credentialFrom, parsePayload } from "@auth/core/payload";

/** What each meaning of a bare text needs beside it. */
export const partners = { password: "username", clientSecret: "clientId" } as const;

export interface OutputRules {
  readonly field?: string | undefined;
  readonly fields?: CredentialFields | undefined;
  readonly bare?: "token" | "apiKey" | "refreshToken" | keyof typeof partners | undefined;
  readonly username?: string | undefined;
  readonly clientId?: string | undefined;
}

/**
 * A command's output as a credential: JSON if it begins with `{` or `[`, else one line of text. Errors:
 * `INVALID/not-utf8`, `/secret-format`, and those of core's `parsePayload`.
 */
export function parseOutput(stdout: Uint8Array, rules: OutputRules, source: string): Credential {
  const { bare = "token", field, fields, username, clientId } = rules;
  const text = decode(stdout, source);
  if (text.trim() === "")
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "payload-malformed",
      `${source}: printed nothing. Run it in a terminal to see why; it may not be signed in.`,
      { provider: source },
    );
  if (bare === "password" || bare === "clientSecret")
    return credentialFrom({ username, clientId, [bare]: line(text, source) }, { source });
  const json = field !== undefined || fields !== undefined || /^\s*[{[]/.test(text);
  return parsePayload(json ? text : line(text, source), { source, bare, field, ...(fields && { fields }) });
}

/** One line break at the end is the command's way of ending, and no part of the secret; another one is a second line. */
function line(text: string, source: string): string {
  const secret = text.replace(/\r?\n$/, "");
  if (/[\r\n\0]/.test(secret))
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "secret-format",
      `${source}: the output is more than one line. Make the command print the secret alone, or JSON.`,
      { provider: source },
    );
  return secret;
}

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "not-utf8",
      `${source}: the output is not UTF-8 text. Make the command print UTF-8.`,
      { provider: source },
    );
  }
}
