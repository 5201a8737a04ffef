import { compact, failure } from "./errors.ts";
import { parseJson } from "./json.ts";
import { Secret } from "./secret.ts";
import { AccessToken, type TokenSet } from "./token.ts";

/** Which credential bought a login: secret-free, for people who ask where a token comes from. */
export interface Provenance {
  /** The source that it was read from: of a chain, the link that answered. */
  readonly provider?: string | undefined;
  /** The source's version of it. */
  readonly version?: string | undefined;
  /** Whose it is. */
  readonly account?: string | undefined;
}

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
  /** The credential that was exchanged for it; a refresh does not change that. */
  readonly bought?: Provenance | undefined;
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
    const { schema: found, tokens, ...rest } = object(parseJson(value));
    version = found;
    if (version !== schema) throw version;
    const { accessToken, ...set } = object(tokens);
    const access = take(accessToken, {
      value: text,
      type: text,
      id: text,
      expiresAt: date,
      obtainedAt: date,
      scopes: list,
    });
    const { partition, scopes, dead, spent, bought, ...more } = rest;
    return compact<TokenRecord>({
      tokens: {
        accessToken: new AccessToken(access.value as string, access),
        ...take(set, {
          refreshToken: secret,
          idToken: secret,
          refreshAfter: date,
          sessionExpiresAt: date,
          extra: object,
        }),
      },
      ...take(
        { partition, scopes, spent, dead, bought },
        { partition: text, scopes: list, spent: text, dead: mark, bought: origin },
      ),
      more: Object.keys(more).length > 0 ? more : undefined,
    });
  } catch {
    const newer = (version as number) > schema;
    throw failure(
      "INVALID",
      newer ? "store-version" : "store-corrupted",
      "stored login",
      newer ? "a newer version wrote it. Update." : "not a token record. Log in again.",
    );
  }
}

/** Checks by throwing: the one `catch` above says what that means. */
function fail(): never {
  throw schema;
}

type Taken<Shape> = { readonly [K in keyof Shape]?: Shape[K] extends (value: never) => infer T ? T : never };

/** The fields of `shape` that are there, each read by its own reader. */
function take<Shape extends Record<string, (value: unknown) => unknown>>(
  from: unknown,
  shape: Shape,
): Taken<Shape> {
  const source = object(from);
  const present = Object.entries(shape).filter(([name]) => source[name] !== undefined);
  return Object.fromEntries(present.map(([name, read]) => [name, read(source[name])])) as Taken<Shape>;
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value && !Array.isArray(value) ? (value as Record<string, unknown>) : fail();
const text = (value: unknown): string => (typeof value === "string" && value ? value : fail());
const secret = (value: unknown): Secret => new Secret(text(value));
const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : fail());
const date = (value: unknown): Date => {
  const at = new Date(text(value));
  return Number.isNaN(at.getTime()) ? fail() : at;
};
const mark = (value: unknown): { reason: string; at: Date } => {
  const { reason, at } = object(value);
  return { reason: text(reason), at: date(at) };
};
const origin = (value: unknown): Provenance => take(value, { provider: text, version: text, account: text });
