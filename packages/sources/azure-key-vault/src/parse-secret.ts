import { AuthError, type Credential } from "@auth/core";
import { type CredentialFields, credentialFrom, parseJson, parsePayload } from "@auth/core/payload";
import type { AzureSecret } from "./vault-client.ts";

/** Something about a secret or its vault that is not right, and not wrong enough to fail. */
export interface AzureKeyVaultWarning {
  readonly reason: "secret-expired" | "secret-not-yet-valid" | "serving-stale";
  /** What was found, and what to do. */
  readonly message: string;
}

/** How the text of a secret becomes a credential. */
export interface ParseOptions {
  /** Use only this part of a JSON secret: a top-level key, or a JSON Pointer (RFC 6901). */
  readonly field?: string | undefined;
  /** The secret's own names: our field → a key or a JSON Pointer of the secret. */
  readonly fields?: CredentialFields | undefined;
  /** What text means. Default `"token"`. The last three need `username` or `clientId`, and the secret is always text. */
  readonly bare?:
    | "token"
    | "apiKey"
    | "refreshToken"
    | "password"
    | "clientSecret"
    | "privateKey"
    | undefined;
  /** Goes with `bare: "password"`. */
  readonly username?: string | undefined;
  /** Goes with `bare: "clientSecret"` and `"privateKey"`. */
  readonly clientId?: string | undefined;
  /** Goes with `bare: "privateKey"`. */
  readonly keyId?: string | undefined;
  /** Goes with `bare: "privateKey"`. */
  readonly algorithm?: string | undefined;
  /** How the text is written. Default `"utf8"`; vaults keep text only, so whoever stores bytes stores them as base64. */
  readonly encoding?: "utf8" | "base64" | undefined;
  /** What to do with a secret outside the dates it carries: the vault hands it out all the same. Default `"warn"`. */
  readonly validity?: "error" | "warn" | "ignore" | undefined;
}

export interface ParseRules extends ParseOptions {
  readonly source: string;
  /** Wall clock, ms since 1970. */
  readonly now: number;
  readonly warn: (warning: AzureKeyVaultWarning) => void;
}

/**
 * One version of a secret as a credential. `expiresAt` is the vault's date or the payload's, whichever comes first; a date
 * that is over and was let pass says nothing any more.
 *
 * Errors: `INVALID/malformed-response`, `/secret-expired`, `/secret-not-yet-valid`, `/payload-malformed`,
 * `/half-credential`; `DENIED/secret-disabled`; `NOT_FOUND/no-field`.
 */
export function parseSecret(secret: AzureSecret, rules: ParseRules): Credential {
  const { source } = rules;
  const { value, properties } = Object(secret) as Partial<AzureSecret>;
  if (typeof value !== "string" || typeof properties !== "object" || properties === null)
    throw invalid(source, "malformed-response", "the answer is no secret. Is this a Key Vault?");
  const expires = checkValidity(properties, rules);
  const credential = parseText(value, properties, rules);
  if (expires === undefined || (credential.expiresAt && credential.expiresAt < expires)) return credential;
  return Object.freeze({ ...credential, expiresAt: expires });
}

/** Enabled, and inside its dates? Returns when that ends. */
function checkValidity(
  { enabled, notBefore, expiresOn }: AzureSecret["properties"],
  { source, now, validity = "warn", warn }: ParseRules,
): Date | undefined {
  if (validity === "ignore") return undefined;
  // The vault refuses these itself; an emulator may not.
  if (enabled === false)
    throw new AuthError("ERR_AUTH_DENIED", "secret-disabled", `${source}: is disabled. Enable it.`, {
      provider: source,
    });
  const complain = (reason: "secret-expired" | "secret-not-yet-valid", message: string): void => {
    if (validity === "error") throw invalid(source, reason, message);
    warn({ reason, message: `${source}: ${message}` });
  };
  if (notBefore instanceof Date && now < notBefore.getTime()) {
    complain(
      "secret-not-yet-valid",
      `is not valid before ${shown(notBefore)}. Name an older \`version\` until then.`,
    );
  }
  if (!(expiresOn instanceof Date) || Number.isNaN(expiresOn.getTime())) return undefined;
  if (now < expiresOn.getTime()) return expiresOn;
  complain("secret-expired", `expired on ${shown(expiresOn)}. Store a new version, or correct the date.`);
  return undefined;
}

const shown = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

function parseText(value: string, about: AzureSecret["properties"], rules: ParseRules): Credential {
  const { source, field, fields, bare = "token", encoding } = rules;
  const facts = { source, version: typeof about.version === "string" ? about.version : undefined };
  const text = encoding === "base64" ? decoded(value, source) : value;
  const asText = (value: string): Credential => {
    const { username, clientId, keyId, algorithm } = rules;
    return credentialFrom({ [bare]: value, username, clientId, keyId, algorithm }, facts);
  };
  if (bare === "password" || bare === "clientSecret" || bare === "privateKey") return asText(text);
  if (field === undefined && !fields) {
    const type = typeof about.contentType === "string" ? about.contentType.trim().toLowerCase() : "";
    if (type.startsWith("text/")) return asText(text);
    if (/^application\/(?:[\w.-]+\+)?json(?:$|[\s;])/.test(type)) {
      const json = parsed(text, source);
      if (typeof json === "string") return asText(json);
      if (typeof json !== "object" || json === null)
        throw invalid(source, "payload-malformed", "is neither a JSON object nor a string. Mend it.");
    }
  }
  return parsePayload(text, { ...facts, bare, field, ...(fields && { fields }) });
}

function parsed(text: string, source: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    // Core's words, which say where and quote nothing.
    const { message } = error as SyntaxError;
    throw invalid(
      source,
      "payload-malformed",
      `is declared as JSON by its content type, and is ${message}. Mend either; its text is not shown.`,
    );
  }
}

/** RFC 4648 §4, with line breaks as tools put them in. */
function decoded(text: string, source: string): string {
  const packed = text.replace(/\s+/g, "");
  const bytes = Buffer.from(packed, "base64");
  try {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) throw new TypeError();
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid(source, "payload-malformed", "is not base64 of UTF-8 text. Encode it again.");
  }
}

function invalid(source: string, reason: string, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${source}: ${problem}`, { provider: source });
}
