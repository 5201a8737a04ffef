import { basename } from "node:path";
import { parseEnv } from "node:util";
import { AuthError, type Credential } from "@auth/core";
import {
  type CredentialField,
  type CredentialFields,
  credentialFrom,
  parseJson,
  parsePayload,
} from "@auth/core/payload";
import type { FromFileOptions } from "./from-file.ts";

export interface ParseRules extends Omit<FromFileOptions, "path"> {
  readonly source: string;
}

export interface FileText {
  readonly text: string;
  /** When it was changed: RFC 3339. */
  readonly version: string;
}

export interface Folder {
  /** File name → what it holds. */
  readonly texts: ReadonlyMap<string, string>;
  readonly version: string;
}

type Format = NonNullable<FromFileOptions["format"]>;

const fieldNames: readonly CredentialField[] = [
  "username",
  "password",
  "clientId",
  "clientSecret",
  "privateKey",
  "keyId",
  "algorithm",
  "refreshToken",
  "accessToken",
  "accessTokenExpiresAt",
  "token",
  "apiKey",
  "account",
  "expiresAt",
];

/** A password, client secret or private key is text even if it begins like JSON: a JWK does. */
const alwaysText: readonly unknown[] = ["password", "clientSecret", "privateKey"];

/** The format that the options or the name of the file say; `auto` is left for the content to tell. */
export function formatOf(
  path: string,
  { format = "auto", bare }: Pick<FromFileOptions, "format" | "bare">,
): Format {
  if (format !== "auto") return format;
  if (alwaysText.includes(bare)) return "text";
  const name = basename(path);
  if (/\.json$/i.test(name)) return "json";
  return /^\.env(?:\.|$)|\.env$/i.test(name) ? "dotenv" : "auto";
}

/** What one file holds, as a credential. */
export function parseFile({ text, version }: FileText, format: Format, rules: ParseRules): Credential {
  const { source, field } = rules;
  const facts = { source, version };
  if (format === "text") return bareText(text, version, rules);
  if (format === "dotenv") {
    const values = new Map(Object.entries(parseEnv(text)) as [string, string][]);
    if (field === undefined) return fromNamed(values, version, rules);
    return parsePayload(one(values, field, source), { ...facts, ...bareOf(rules) });
  }
  const whole = field === undefined && !rules.fields;
  if (whole && format === "json") {
    const value = strictJson(text, source);
    if (typeof value === "string") return bareText(value, version, { ...rules, trim: "none" });
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const found = value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
      const what = `holds ${found} as JSON, where an object or a string belongs`;
      throw invalid(source, "payload-malformed", `${what}. Mend it, or name the \`field\` that is meant`);
    }
  } else if (whole && !/^\s*[{[]/.test(text)) {
    return bareText(text, version, rules);
  }
  return parsePayload(trimmed(text, rules), {
    ...facts,
    ...bareOf(rules),
    field,
    ...(rules.fields && { fields: rules.fields }),
  });
}

/** What the files of a directory hold, as a credential. Errors: `NOT_FOUND/empty-directory`. */
export function parseFolder({ texts, version }: Folder, rules: ParseRules): Credential {
  const { source, field } = rules;
  const values = new Map([...texts].map(([name, text]) => [name, trimmed(text, rules)]));
  if (field !== undefined)
    return parsePayload(one(values, field, source), { source, version, ...bareOf(rules) });
  if (values.size === 0) {
    const wanted = Object.values(rules.fields ?? {}).join(", ") || "username and password, token, api_key …";
    throw new AuthError(
      "ERR_AUTH_NOT_FOUND",
      "empty-directory",
      `${source}: is a directory without a file for any field (${wanted}). Mount the secret there, or name its files in \`fields\`.`,
      { provider: source },
    );
  }
  return fromNamed(values, version, rules);
}

/** The files of a directory that are worth opening. */
export function filesFor(
  names: readonly string[],
  { field, fields }: Pick<ParseRules, "field" | "fields">,
): string[] {
  const wanted = field === undefined ? undefined : key(field);
  return names.filter((name) => (wanted === undefined ? fieldsOf(name, fields).length > 0 : name === wanted));
}

/** The fields that something called `name` holds: by the declared map, else by the usual names in any spelling. */
function fieldsOf(name: string, fields: CredentialFields | undefined): CredentialField[] {
  const plain = name.replace(/[-_.]/g, "").toLowerCase();
  return fieldNames.filter((field) => (fields ? fields[field] === name : field.toLowerCase() === plain));
}

function fromNamed(values: ReadonlyMap<string, string>, version: string, rules: ParseRules): Credential {
  const { source, fields } = rules;
  const names: { [field in CredentialField]?: string } = {};
  for (const name of values.keys()) {
    for (const field of fieldsOf(name, fields)) {
      if (names[field] !== undefined)
        throw invalid(source, "payload-malformed", `has both "${names[field]}" and "${name}". Keep one`);
      names[field] = name;
    }
  }
  const parts = Object.entries(names).map(([field, name]) => [field, values.get(name)]);
  const usual = (field: string): string => field.replace(/[A-Z]/g, "_$&").toLowerCase();
  return credentialFrom(
    Object.fromEntries(parts),
    { source, version },
    (field) => `"${names[field] ?? fields?.[field] ?? usual(field)}"`,
  );
}

function bareText(text: string, version: string, rules: ParseRules): Credential {
  const { source, bare = "token", username, clientId, keyId, algorithm } = rules;
  const secret = trimmed(text, rules);
  if (secret.trim() === "") throw invalid(source, "payload-malformed", "is empty. Write the secret into it");
  return credentialFrom({ username, clientId, keyId, algorithm, [bare]: secret }, { source, version });
}

function bareOf({ bare }: ParseRules): { bare?: "token" | "apiKey" | "refreshToken" } {
  return bare === "apiKey" || bare === "refreshToken" ? { bare } : {};
}

/** A name, or a pointer to one: outside JSON there is one level. */
function key(field: string): string {
  return field.startsWith("/") ? field.slice(1).replaceAll("~1", "/").replaceAll("~0", "~") : field;
}

function one(values: ReadonlyMap<string, string>, field: string, source: string): string {
  const value = values.get(key(field));
  if (value !== undefined) return value;
  throw new AuthError(
    "ERR_AUTH_NOT_FOUND",
    "no-field",
    `${source}: has no "${key(field)}". Check the name, or the part after "#".`,
    { provider: source },
  );
}

/** Editors and `echo` end a file with a line break that nobody meant. */
function trimmed(text: string, { trim }: ParseRules): string {
  return trim === "none" ? text : text.replace(/\r?\n$/, "");
}

function strictJson(text: string, source: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const what = error instanceof SyntaxError ? error.message : "not strict JSON";
    throw invalid(source, "payload-malformed", `is ${what}. Mend it; its text is not shown`);
  }
}

function invalid(source: string, reason: string, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${source}: ${problem}.`, { provider: source });
}
