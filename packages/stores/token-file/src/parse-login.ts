import { AuthError, type Credential, decodeRecord, Secret, type Stored, type TokenRecord } from "@auth/core";
import { parseJson, parsePayload } from "@auth/core/payload";
import { inMessageOf } from "./default-path.ts";
import { parseDocument, readEntry } from "./store-document.ts";

export interface LoginPlace {
  /** Name of the source, for messages. */
  readonly source: string;
  readonly path: string;
  readonly profile: string | undefined;
}

/** An answer that is not in the file yet. */
export type Noted = Stored & { readonly expected?: string | undefined };

/**
 * Finds one login in the text of a token file: in one that `tokenFile` wrote, or in a plain JSON object as other programs keep
 * it (`access_token`, `refresh_token`, `expires_at` …), alone or below the profile's name.
 */
export function parseLogin(text: string, place: LoginPlace, noted?: Noted): Credential {
  const file = asObject(attempt(() => parseJson(text)));
  if (!file) throw invalid(place, "payload-malformed", "is not a JSON object. Mend it, or log in again");
  return isStore(file) ? fromStore(text, place, noted) : fromPlain(file, place);
}

/** The key of the login in question, if it is in a file that `tokenFile` wrote. */
export function loginKey(text: string, { profile }: Pick<LoginPlace, "profile">): string | undefined {
  const file = asObject(attempt(() => parseJson(text)));
  if (!file || !isStore(file)) return undefined;
  return (
    profile ?? Object.entries(asObject(file["entries"]) ?? {}).find(([, entry]) => !hasEnded(entry))?.[0]
  );
}

/** A logout may leave a mark in the place of a login, for those who still use it. */
function hasEnded(entry: unknown): boolean {
  const record = asObject(asObject(entry)?.["record"]);
  return record !== undefined && "ended" in record && !("tokens" in record);
}

const isStore = (file: object): boolean => "schema" in file && "entries" in file;

function fromStore(text: string, place: LoginPlace, noted: Noted | undefined): Credential {
  const { source, path, profile } = place;
  const document = parseDocument(text, source, path);
  const names = [...document.entries].flatMap(([name, entry]) => (hasEnded(entry) ? [] : [name]));
  if (profile === undefined && names.length > 1) {
    const some = names.slice(0, 5).map((name) => JSON.stringify(name));
    throw invalid(
      place,
      "ambiguous",
      `holds ${names.length} logins. Choose one by profile: ${some.join(", ")}${names.length > 5 ? " …" : ""}`,
    );
  }
  const key = profile ?? names[0];
  const stored = key === undefined ? undefined : readEntry(document, key, source, path);
  // What is stored has been spent for what is noted.
  const present = noted && noted.expected === stored?.generation ? noted : stored;
  if (!present || hasEnded({ record: attempt(() => parseJson(present.value)) })) throw notThere(place);
  return credentialOf(decodeRecord(present.value), present.generation, place);
}

function credentialOf(record: TokenRecord, version: string, place: LoginPlace): Credential {
  const { accessToken, refreshToken } = record.tokens;
  // Without `account`: the login under this name may become another person's, and the digest of the token tells.
  const facts = { source: place.source, version };
  const { expiresAt } = accessToken;
  const bearer = /^bearer$/i.test(accessToken.type);
  if (refreshToken && record.dead) {
    throw new AuthError(
      "ERR_AUTH_INTERACTION_REQUIRED",
      record.dead.reason,
      `${place.source}: the server has refused this login for good. Log in again.`,
      { provider: place.source },
    );
  }
  if (refreshToken) {
    return Object.freeze({
      type: "refresh-token",
      refreshToken,
      ...(bearer && {
        accessToken: new Secret(accessToken.reveal()),
        ...(expiresAt && { accessTokenExpiresAt: expiresAt }),
      }),
      ...facts,
    });
  }
  if (!bearer)
    throw invalid(place, "token-type", "holds a token that is no bearer token, and nothing to renew it with");
  return Object.freeze({
    type: "access-token",
    token: new Secret(accessToken.reveal()),
    ...(expiresAt && { expiresAt }),
    ...facts,
  });
}

function fromPlain(file: Record<string, unknown>, place: LoginPlace): Credential {
  const { source, profile } = place;
  const part = profile === undefined ? file : Object.hasOwn(file, profile) ? file[profile] : undefined;
  if (part === undefined) throw notThere(place);
  const login = asObject(part);
  if (!login) throw invalid(place, "payload-malformed", "holds something else than a login there");
  return parsePayload(JSON.stringify(renamed(login, place)), { source });
}

/** In such files the expiry is the access token's, under one of several names; and Python calls the access token `token`. */
function renamed(login: Record<string, unknown>, place: LoginPlace): Record<string, unknown> {
  const { token, ...rest } = login;
  const name = expiryNames.find((each) => login[each] !== undefined && login[each] !== null);
  for (const each of expiryNames) delete rest[each];
  const until = name === undefined ? undefined : instant(login[name]);
  if (until === null) {
    const problem = `has a ${JSON.stringify(name)} that is no date (RFC 3339, in UTC if it names no zone, or seconds since 1970)`;
    throw invalid(place, "payload-malformed", problem);
  }
  const renewable = Boolean(rest["refresh_token"] ?? rest["refreshToken"]);
  const named = Object.hasOwn(rest, "access_token") || Object.hasOwn(rest, "accessToken");
  const tokenName = renewable && !named ? "access_token" : "token";
  return {
    ...rest,
    ...(until && { [renewable ? "access_token_expires_at" : "expires_at"]: until.toISOString() }),
    ...(token !== undefined && { [tokenName]: token }),
  };
}

/** Ours first; then `expiry` (Go, Python), `expiry_date` (ms, Google's Node library). */
const expiryNames = [
  "access_token_expires_at",
  "accessTokenExpiresAt",
  "expires_at",
  "expiresAt",
  "expiry",
  "expiry_date",
] as const;

const date = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Seconds or milliseconds since 1970 (10¹¹ is the year 5138 in seconds and 1973 in milliseconds), or a date; one without a zone
 * is in UTC, as programs that leave it out mean it. Undefined: Go's zero time, which says that it never ends. Null: no date.
 */
function instant(value: unknown): Date | undefined | null {
  const number = typeof value === "string" && /^\d{9,13}$/.test(value) ? Number(value) : value;
  if (typeof number === "number") return real(new Date(Math.trunc(number < 1e11 ? number * 1000 : number)));
  const [, day = "", time, zone = "Z"] = date.exec(typeof value === "string" ? value : "") ?? [];
  if (day.startsWith("0001")) return undefined;
  // The engine takes February 30th for March 2nd.
  if (
    real(new Date(`${day}T00:00:00Z`))
      ?.toISOString()
      .startsWith(day) !== true
  )
    return null;
  return real(new Date(`${day}T${time}${zone.toUpperCase()}`));
}

/** What has a year of four digits. */
const real = (at: Date): Date | null => (Math.abs(at.getTime() - 1e14) < 1.5e14 ? at : null);

function notThere(place: LoginPlace): AuthError {
  const which = place.profile === undefined ? "no login" : `no login named ${JSON.stringify(place.profile)}`;
  return new AuthError(
    "ERR_AUTH_NOT_FOUND",
    "no-profile",
    `${place.source}: ${which} is there. Log in first, or mend the name.`,
    {
      provider: place.source,
    },
  );
}

function invalid(place: LoginPlace, reason: string, problem: string): AuthError {
  return new AuthError(
    "ERR_AUTH_INVALID",
    reason,
    `${place.source}: ${inMessageOf(place.source, place.path)} ${problem}.`,
    {
      provider: place.source,
    },
  );
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
