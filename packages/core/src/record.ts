import { AuthError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { Secret } from "./secret.ts";
import { AccessToken, type TokenSet } from "./token.ts";

/** What a store keeps for one login. */
export interface TokenRecord {
  readonly tokens: TokenSet;
  /** Whose tokens these are (SEC-55); absent in files shared with foreign programs. */
  readonly partition?: string;
  /** Asked for at login, besides the configured ones. */
  readonly scopes?: readonly string[];
  /** The server refused the refresh token for good. The record is kept, so that nobody tries it again. */
  readonly dead?: { readonly reason: string; readonly at: Date };
  /** Digest of the credential that was last exchanged, to tell whether the source has a newer one. */
  readonly spent?: string;
  /** Fields of another version of this library; they survive rewriting. */
  readonly more?: Readonly<Record<string, unknown>>;
}

const schema = 1;

/** Turns a record into the text that stores keep; the format is `spec/record.schema.json`. */
export function encodeRecord(record: TokenRecord): string {
  const { tokens, dead, more, ...rest } = record;
  const { accessToken: access, refreshToken, idToken, ...facts } = tokens;
  const { type, id, expiresAt, obtainedAt, scopes } = access;
  return JSON.stringify({
    ...more,
    schema,
    ...rest,
    dead,
    tokens: {
      ...facts,
      accessToken: { value: access.reveal(), type, id, expiresAt, obtainedAt, scopes },
      refreshToken: refreshToken?.reveal(),
      idToken: idToken?.reveal(),
    },
  });
}

/**
 * Reads what {@link encodeRecord} wrote. Errors: `ERR_AUTH_INVALID/store-corrupted` for any other shape,
 * `ERR_AUTH_INVALID/store-version` for a record of a newer version of this library; nothing of the text is quoted.
 */
export function decodeRecord(value: string): TokenRecord {
  const {
    schema: version,
    partition,
    scopes,
    dead,
    spent,
    tokens,
    ...more
  } = object(attempt(() => parseJson(value)));
  if (typeof version === "number" && version > schema) {
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "store-version",
      `The stored login was written by a newer version (schema ${version}, this one knows ${schema}). Update, or log in under another name.`,
    );
  }
  if (version !== schema) throw corrupted();
  const set = object(tokens);
  const access = object(set["accessToken"]);
  const died = dead === undefined ? undefined : object(dead);
  return attempt(() =>
    compact<TokenRecord>({
      tokens: compact<TokenSet>({
        accessToken: new AccessToken(text(access["value"]), {
          type: text(access["type"]),
          id: text(access["id"]),
          expiresAt: date(access["expiresAt"]),
          obtainedAt: date(access["obtainedAt"]),
          scopes: list(access["scopes"]),
        }),
        refreshToken: secret(set["refreshToken"]),
        idToken: secret(set["idToken"]),
        refreshAfter: date(set["refreshAfter"]),
        sessionExpiresAt: date(set["sessionExpiresAt"]),
        extra: set["extra"] === undefined ? undefined : object(set["extra"]),
      }),
      partition: optional(partition),
      scopes: list(scopes),
      dead: died && { reason: text(died["reason"]), at: date(died["at"]) ?? fail() },
      spent: optional(spent),
      more: Object.keys(more).length > 0 ? more : undefined,
    }),
  );
}

function corrupted(): AuthError {
  return new AuthError(
    "ERR_AUTH_INVALID",
    "store-corrupted",
    "The stored login is not a token record of this library. Log in again; what is there is moved aside, not lost.",
  );
}

function fail(): never {
  throw corrupted();
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw corrupted();
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : fail();
}

function text(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : fail();
}

function optional(value: unknown): string | undefined {
  return value === undefined ? undefined : text(value);
}

function secret(value: unknown): Secret | undefined {
  return value === undefined ? undefined : new Secret(text(value));
}

function list(value: unknown): string[] | undefined {
  return value === undefined ? undefined : Array.isArray(value) ? value.map(text) : fail();
}

function date(value: unknown): Date | undefined {
  if (value === undefined) return undefined;
  const at = new Date(text(value));
  return Number.isNaN(at.getTime()) ? fail() : at;
}

/** Leaves out what is undefined, so that an optional field is absent rather than present without a value. */
function compact<T>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
