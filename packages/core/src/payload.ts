import type { Credential, CredentialFacts } from "./credential.ts";
import { AuthError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { Secret } from "./secret.ts";

export { parseJson } from "./json.ts";

/** The parts a credential is made of, as they are named in code. */
export type CredentialField =
  | "username"
  | "password"
  | "clientId"
  | "clientSecret"
  | "privateKey"
  | "keyId"
  | "algorithm"
  | "refreshToken"
  | "accessToken"
  | "accessTokenExpiresAt"
  | "token"
  | "apiKey"
  | "account"
  | "expiresAt";

export type CredentialFields = { readonly [name in CredentialField]?: string | undefined };

export interface PayloadOptions {
  /** Name of the source, for messages and `credential.source`. */
  readonly source: string;
  /** What a bare string is. Default `token`. */
  readonly bare?: "token" | "apiKey" | "refreshToken";
  /** The payload's own names: our field → a top-level key or a JSON Pointer (RFC 6901). They replace the usual names. */
  readonly fields?: CredentialFields;
  /** Use only this part of a JSON payload: a top-level key or a JSON Pointer. The part is read like a whole payload. */
  readonly field?: string | undefined;
  readonly version?: string | undefined;
}

/**
 * Turns what a source holds into a credential, the same way for every source: a JSON object with `username`/`password`,
 * `client_id`/`client_secret`, `private_key`, `refresh_token`, `token`/`access_token` or `api_key` (snake or camel case),
 * or a declared field map, or a bare string with a declared meaning.
 *
 * Errors: `ERR_AUTH_INVALID/payload-malformed` (not strict JSON, wrong types, nothing usable),
 * `ERR_AUTH_INVALID/half-credential` naming what is missing, `ERR_AUTH_NOT_FOUND/no-field` for an absent `field`.
 *
 * @example
 * ```ts
 * parsePayload('{"client_id":"app","client_secret":"…"}', { source: "vault billing" }).type; // "client-secret"
 * ```
 */
export function parsePayload(text: string, options: PayloadOptions): Credential {
  if (typeof text !== "string" || !options?.source)
    throw new TypeError("parsePayload: expected the payload's text, then { source }");
  const { source, field, fields, bare = "token" } = options;
  const facts = { source, version: options.version };
  let value: unknown = text;
  if (field !== undefined || fields || /^\s*[{[]/.test(text)) value = readJson(text, source);
  if (field !== undefined) {
    value = pick(value, field);
    if (value === undefined) {
      throw new AuthError(
        "ERR_AUTH_NOT_FOUND",
        "no-field",
        `${source}: the payload has no field "${field}". Check the name, or the part after "#".`,
        { provider: source },
      );
    }
  }
  if (typeof value === "string") return credentialFrom({ [bare]: value }, facts);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(source, "is neither a JSON object nor a string");
  return credentialFrom(fields ? mapped(value, fields, source) : named(value, source), facts);
}

/**
 * Makes a credential of loose parts; blank ones count as absent. Half a credential is an error, not a miss.
 * Errors: `ERR_AUTH_INVALID/half-credential`, `/payload-malformed`; `label` turns our field names into the source's.
 */
export function credentialFrom(
  parts: CredentialFields,
  facts: { readonly source: string; readonly version?: string | undefined },
  label: (field: CredentialField) => string = (field) => `"${field}"`,
): Credential {
  if (!parts || !facts?.source) throw new TypeError("credentialFrom: expected fields, then { source }");
  const stray = Object.entries(parts).find(([, value]) => typeof (value ?? "") !== "string");
  if (stray) throw new TypeError(`credentialFrom: \`${stray[0]}\` is not a string`);
  const given = (name: CredentialField): string | undefined =>
    parts[name]?.trim() ? parts[name] : undefined;
  const secret = (name: CredentialField): Secret => new Secret(given(name) ?? "");
  const has = (name: CredentialField): boolean => given(name) !== undefined;
  const need = (...names: CredentialField[]): void => {
    const missing = names.filter((name) => !has(name));
    if (missing.length > 0) {
      throw new AuthError(
        "ERR_AUTH_INVALID",
        "half-credential",
        `${facts.source}: half a credential: ${names.filter(has).map(label).join(" and ")} is there, ${missing.map(label).join(" and ")} is missing. Add it, or remove the other.`,
        { provider: facts.source },
      );
    }
  };
  const about: CredentialFacts = {
    source: facts.source,
    ...(facts.version !== undefined && { version: facts.version }),
    ...(has("account") && { account: given("account") as string }),
    ...(has("expiresAt") && { expiresAt: instant(given("expiresAt"), "expiresAt", facts.source) }),
  };
  const done = (credential: Credential): Credential => Object.freeze(credential);

  if (has("refreshToken")) {
    return done({
      type: "refresh-token",
      refreshToken: secret("refreshToken"),
      ...(has("clientId") && { clientId: given("clientId") as string }),
      ...(has("clientSecret") && { clientSecret: secret("clientSecret") }),
      ...(has("accessToken") && { accessToken: secret("accessToken") }),
      ...(has("accessTokenExpiresAt") && {
        accessTokenExpiresAt: instant(given("accessTokenExpiresAt"), "accessTokenExpiresAt", facts.source),
      }),
      ...about,
    });
  }
  if (has("privateKey")) {
    need("clientId", "privateKey");
    return done({
      type: "private-key",
      clientId: given("clientId") as string,
      privateKey: secret("privateKey"),
      ...(has("keyId") && { keyId: given("keyId") as string }),
      ...(has("algorithm") && { algorithm: given("algorithm") as string }),
      ...about,
    });
  }
  if (has("clientId") || has("clientSecret")) {
    need("clientId", "clientSecret");
    return done({
      type: "client-secret",
      clientId: given("clientId") as string,
      clientSecret: secret("clientSecret"),
      ...about,
    });
  }
  if (has("username") || has("password")) {
    need("username", "password");
    const username = given("username") as string;
    return done({ type: "password", username, password: secret("password"), account: username, ...about });
  }
  if (has("token") || has("accessToken"))
    return done({ type: "access-token", token: secret(has("token") ? "token" : "accessToken"), ...about });
  if (has("apiKey")) return done({ type: "api-key", key: secret("apiKey"), ...about });
  throw malformed(
    facts.source,
    "holds none of: username and password, client id and secret, private key, refresh token, token, API key",
  );
}

function readJson(text: string, source: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw malformed(source, error instanceof SyntaxError ? `is ${error.message}` : "cannot be read");
  }
}

/** A JSON Pointer if it begins with a slash, else a literal key: dots are ordinary characters. Own keys only. */
function pick(value: unknown, field: string): unknown {
  const keys = field.startsWith("/")
    ? field
        .slice(1)
        .split("/")
        .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    : [field];
  let found = value;
  for (const key of keys) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

const names: Readonly<Record<CredentialField, readonly string[]>> = {
  username: ["username", "user_name", "userName"],
  password: ["password"],
  clientId: ["client_id", "clientId"],
  clientSecret: ["client_secret", "clientSecret"],
  privateKey: ["private_key", "privateKey"],
  keyId: ["key_id", "keyId", "kid"],
  algorithm: ["algorithm", "alg"],
  refreshToken: ["refresh_token", "refreshToken"],
  accessToken: ["access_token", "accessToken"],
  accessTokenExpiresAt: ["access_token_expires_at", "accessTokenExpiresAt"],
  token: ["token"],
  apiKey: ["api_key", "apiKey"],
  account: ["account"],
  expiresAt: ["expires_at", "expiresAt"],
};

function named(payload: object, source: string): CredentialFields {
  return collect(source, (field) => {
    const present = names[field].filter((name) => Object.hasOwn(payload, name));
    if (present.length > 1) throw malformed(source, `has both "${present.join('" and "')}"; keep one`);
    return present[0] === undefined ? undefined : (payload as Record<string, unknown>)[present[0]];
  });
}

function mapped(payload: object, fields: CredentialFields, source: string): CredentialFields {
  return collect(source, (field) => (fields[field] === undefined ? undefined : pick(payload, fields[field])));
}

function collect(source: string, read: (field: CredentialField) => unknown): CredentialFields {
  const parts: { [name in CredentialField]?: string } = {};
  for (const field of Object.keys(names) as CredentialField[]) {
    let value = read(field);
    if (value === undefined || value === null) continue;
    if (field === "privateKey" && typeof value === "object") value = JSON.stringify(value);
    if (typeof value === "number" && field.endsWith("At")) value = `${value}`;
    if (typeof value !== "string") throw malformed(source, `has a "${field}" that is not a string`);
    parts[field] = value;
  }
  return parts;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** RFC 3339 text or seconds since 1970; never what an engine guesses at. */
function instant(text: string | undefined, field: string, source: string): Date {
  const [, day] = rfc3339.exec(text ?? "") ?? [];
  const at = new Date(/^\d{9,11}$/.test(text ?? "") ? Number(text) * 1000 : day ? (text ?? "") : Number.NaN);
  // The engine takes February 30th for March 2nd.
  const real = !day || new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (Number.isNaN(at.getTime()) || !real)
    throw malformed(source, `has a "${field}" that is not a date (RFC 3339, or seconds since 1970)`);
  return at;
}

function malformed(source: string, problem: string): AuthError {
  return new AuthError(
    "ERR_AUTH_INVALID",
    "payload-malformed",
    `${source}: the payload ${problem}. Mend what is stored there; its text is not shown.`,
    {
      provider: source,
    },
  );
}
