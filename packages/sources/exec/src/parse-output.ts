import { AuthError, type Credential } from "@auth/core";
import { type CredentialFields, credentialFrom, parseJson, parsePayload } from "@auth/core/payload";

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
export function parseOutput(
  stdout: Uint8Array,
  rules: OutputRules,
  source: string,
  startedAt: number,
): Credential {
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
  const payload = !json ? line(text, source) : fields ? text : dated(text, startedAt);
  return parsePayload(payload, { source, bare, field, ...(fields && { fields }) });
}

/**
 * The same JSON, in which each object says when its token ends in a way that means one instant: what a command prints is of
 * this moment and this machine. A lifetime in seconds (RFC 6749 §5.1) counts from `startedAt`, and a local time, as Azure's
 * older command line prints it, is one of here. All other names are those of core.
 */
function dated(text: string, startedAt: number): string {
  try {
    parseJson(text); // strictly
    return JSON.stringify(JSON.parse(text, (_key, value: unknown) => withEnd(value, startedAt)));
  } catch {
    return text; // core says what is wrong with it
  }
}

function withEnd(value: unknown, startedAt: number): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { expiresOn, expires_in: lifetime, ...others } = value as Record<string, unknown>;
  const says = (name: string): boolean => Object.hasOwn(others, name);
  if (typeof expiresOn === "string" && /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?$/.test(expiresOn)) {
    const at = new Date(expiresOn.replace(" ", "T"));
    return Number.isNaN(at.getTime()) ? value : { ...value, expiresOn: at.toISOString() };
  }
  const ends = ["expires_at", "expiresAt", "expires_on", "token_expiry", "expiry", "access_token_expires_at"];
  if (expiresOn !== undefined || !/^\d{1,9}$/.test(String(lifetime)) || ends.some(says)) return value;
  return { ...others, expires_on: Math.floor(startedAt / 1_000) + Number(lifetime) };
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
