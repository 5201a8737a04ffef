import { compact, failure } from "./errors.ts";
import { Secret } from "./secret.ts";
import { AccessToken, type TokenSet } from "./token.ts";

/** What a store keeps for one login. */
export interface TokenRecord {
  readonly tokens: TokenSet;
  /** Whose tokens these are (SEC-55); absent in files shared with foreign programs. */
  readonly partition?: string | undefined;
  /** Asked for at login, besides the configured ones. */
  readonly scopes?: readonly string[] | undefined;
  /** The server refused the refresh token for good. The record is kept, so that nobody tries it again. */
  readonly dead?: { readonly reason: string; readonly at: Date };
  /** Digest of the credential that was last exchanged, to tell whether the source has a newer one. */
  readonly spent?: string | undefined;
  /** Fields of another version of this library; they survive rewriting. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

const schema = 1;

/** Turns a record into the text that stores keep; the format is `spec/record.schema.json`. */
export function encodeRecord({ tokens, more, ...facts }: TokenRecord): string {
  const { accessToken, refreshToken, idToken, ...rest } = tokens;
  const { type, id, expiresAt, obtainedAt, scopes } = accessToken;
  return JSON.stringify({
    ...more,
    schema,
    ...facts,
    tokens: {
      ...rest,
      accessToken: { value: accessToken.reveal(), type, id, expiresAt, obtainedAt, scopes },
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
  let version: unknown;
  try {
    const {
      schema: found,
      partition,
      scopes,
      dead,
      spent,
      tokens,
      ...more
    } = read(JSON.parse(value), object);
    version = found;
    if (version !== schema) throw version;
    const { accessToken, refreshToken, idToken, refreshAfter, sessionExpiresAt, extra } = read(
      tokens,
      object,
    );
    const access = read(accessToken, object);
    return compact<TokenRecord>({
      tokens: compact<TokenSet>({
        accessToken: new AccessToken(access["value"] as string, {
          type: read(access["type"], text),
          id: read(access["id"], text),
          expiresAt: maybe(access["expiresAt"], date),
          obtainedAt: maybe(access["obtainedAt"], date),
          scopes: maybe(access["scopes"], list),
        }),
        refreshToken: maybe(refreshToken, secret),
        idToken: maybe(idToken, secret),
        refreshAfter: maybe(refreshAfter, date),
        sessionExpiresAt: maybe(sessionExpiresAt, date),
        extra: maybe(extra, object),
      }),
      partition: maybe(partition, text),
      scopes: maybe(scopes, list),
      dead: maybe(dead, (mark) => ({
        reason: read(object(mark)["reason"], text),
        at: read(object(mark)["at"], date),
      })),
      spent: maybe(spent, text),
      more: Object.keys(more).length > 0 ? more : undefined,
    });
  } catch {
    throw (version as number) > schema
      ? failure(
          "INVALID",
          "store-version",
          "stored login",
          `written by a newer version (schema ${Number(version)}). Update, or log in under another name.`,
        )
      : failure(
          "INVALID",
          "store-corrupted",
          "stored login",
          "not a token record. Log in again; what is there is kept aside.",
        );
  }
}

function fail(): never {
  throw schema;
}

/** Checks by throwing: the one `catch` above says what that means. */
function read<T>(value: unknown, as: (value: unknown) => T | undefined): T {
  const found = as(value);
  return found === undefined ? fail() : found;
}

function maybe<T>(value: unknown, as: (value: unknown) => T | undefined): T | undefined {
  return value === undefined ? undefined : read(value, as);
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value && !Array.isArray(value) ? (value as Record<string, unknown>) : fail();
const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);
const secret = (value: unknown): Secret => new Secret(read(value, text));
const list = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.map((item) => read(item, text)) : undefined;
function date(value: unknown): Date | undefined {
  const at = new Date(read(value, text));
  return Number.isNaN(at.getTime()) ? undefined : at;
}
