import { AuthError, type Credential } from "@auth/core";
import {
  type CredentialField,
  type CredentialFields,
  credentialFrom,
  type PayloadOptions,
  parsePayload,
} from "@auth/core/payload";

/** Our field → the variable that holds it. */
export type Names = { readonly [field in CredentialField]?: string };
/** What is set: never blank. */
export type Values = ReadonlyMap<string, string>;

interface Kind {
  readonly type: Credential["type"];
  readonly needs: readonly CredentialField[];
  readonly takes?: readonly CredentialField[];
}

const kinds: readonly Kind[] = [
  { type: "access-token", needs: ["token"] },
  { type: "access-token", needs: ["accessToken"] },
  { type: "api-key", needs: ["apiKey"] },
  { type: "password", needs: ["username", "password"] },
  { type: "client-secret", needs: ["clientId", "clientSecret"] },
  { type: "private-key", needs: ["clientId", "privateKey"], takes: ["keyId", "algorithm"] },
  {
    type: "refresh-token",
    needs: ["refreshToken"],
    takes: ["clientId", "clientSecret", "accessToken", "accessTokenExpiresAt"],
  },
];

/** Facts that go with every kind. */
const facts: readonly CredentialField[] = ["account", "expiresAt"];

/** Every field there is, as the options and the prefix name them. */
export const fieldNames: readonly CredentialField[] = [
  ...new Set([...kinds.flatMap(({ needs, takes = [] }) => [...needs, ...takes]), ...facts]),
];

/** `ACME` → `ACME_CLIENT_ID` for `clientId`, and so on; `own` names come first. */
export function namesFor(prefix: string | undefined, own: Names): Names {
  if (prefix === undefined) return own;
  const usual = fieldNames.map((field) => [
    field,
    `${prefix}_${field.replace(/[A-Z]/g, "_$&").toUpperCase()}`,
  ]);
  return { ...Object.fromEntries(usual), ...own };
}

/**
 * The kinds of credential that what is there begins. A kind steps back when all that it has belongs to another one that is
 * complete: a client id and secret beside a refresh token are the refresh token's.
 */
export function kindsBegun(there: (field: CredentialField) => boolean, type?: Credential["type"]): Kind[] {
  const begun = kinds.filter((kind) => (!type || kind.type === type) && kind.needs.some(there));
  const complete = (kind: Kind): boolean => kind.needs.every(there);
  const covers = (other: Kind, kind: Kind): boolean =>
    kind.needs.filter(there).every((field) => [...other.needs, ...(other.takes ?? [])].includes(field));
  return begun.filter(
    (kind, place) =>
      !begun.some(
        (other, before) =>
          other !== kind && covers(other, kind) && (complete(other) || (!complete(kind) && before < place)),
      ),
  );
}

interface Choice {
  readonly names: Names;
  readonly type?: Credential["type"] | undefined;
  readonly source: string;
  readonly dotenv?: string | undefined;
  /** What the caller can use: the advice names nothing else. */
  readonly accepts?: readonly Credential["type"][] | undefined;
}

/** Whether `values` decide what credential there is, or that there are too many. Half of one may be filled up elsewhere. */
export function decides(values: Values, { names, type }: Pick<Choice, "names" | "type">): boolean {
  const there = (field: CredentialField): boolean => values.has(names[field] ?? "");
  const begun = kindsBegun(there, type);
  return begun.length > 1 || begun.some(({ needs }) => needs.every(there));
}

/** The one credential that `values` make. Errors: `NOT_FOUND/not-set`, `INVALID/ambiguous-credential`, `/half-credential`. */
export function credentialOf(values: Values, { names, type, source, dotenv, accepts }: Choice): Credential {
  const value = (field: CredentialField): string | undefined => values.get(names[field] ?? "");
  const there = (field: CredentialField): boolean => value(field) !== undefined;
  const label = (field: CredentialField): string => names[field] ?? field;
  const [kind, ...others] = kindsBegun(there, type);
  if (!kind) throw notSet(source, wanted(names, type, accepts), dotenv);
  if (others.length > 0) throw ambiguous(source, [kind, ...others], there, label);
  const parts: CredentialFields = Object.fromEntries(
    [...kind.needs, ...(kind.takes ?? []), ...facts].map((field) => [field, value(field)]),
  );
  return credentialFrom(parts, { source }, label);
}

/** The credential in one variable. Errors: `NOT_FOUND/not-set`, and those of `parsePayload`. */
export function payloadOf(
  values: Values,
  variable: string,
  options: {
    readonly source: string;
    readonly dotenv?: string | undefined;
    readonly encoding?: "utf8" | "base64" | undefined;
    readonly field?: string | undefined;
    readonly fields?: CredentialFields | undefined;
    readonly bare?: PayloadOptions["bare"] | undefined;
  },
): Credential {
  const { source, encoding, field, fields, bare } = options;
  const text = values.get(variable);
  if (text === undefined) throw notSet(source, [variable], options.dotenv);
  return parsePayload(encoding === "base64" ? decoded(text, source) : text, {
    source,
    field,
    ...(fields && { fields }),
    ...(bare && { bare }),
  });
}

function decoded(text: string, source: string): string {
  try {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new TypeError("not base64");
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "base64"));
  } catch {
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "payload-malformed",
      `${source}: is not base64 of UTF-8 text (RFC 4648 §4). Encode it again, or leave out the encoding.`,
      { provider: source },
    );
  }
}

/** What would do, for people: `ACME_TOKEN`, or `ACME_USERNAME and ACME_PASSWORD`. */
function wanted(
  names: Names,
  type: Credential["type"] | undefined,
  accepts: readonly Credential["type"][] | undefined,
): string[] {
  const possible = kinds.filter(
    (kind) => (!type || kind.type === type) && kind.needs.every((field) => names[field] !== undefined),
  );
  const usable = possible.filter((kind) => !accepts || accepts.includes(kind.type));
  // Where nothing that these names make can be used, they are named all the same: it is said later what is taken.
  return (usable.length > 0 ? usable : possible).map((kind) =>
    kind.needs.map((field) => names[field]).join(" and "),
  );
}

function notSet(source: string, wanted: readonly string[], dotenv: string | undefined): AuthError {
  const where = dotenv === undefined ? "" : `, neither in the environment nor in ${dotenv}`;
  return new AuthError(
    "ERR_AUTH_NOT_FOUND",
    "not-set",
    `${source}: not set${where} (blank counts as not set). Set ${wanted.join(", or ")}.`,
    { provider: source },
  );
}

function ambiguous(
  source: string,
  begun: readonly Kind[],
  there: (field: CredentialField) => boolean,
  label: (field: CredentialField) => string,
): AuthError {
  const found = begun.map(({ type, needs }) => {
    const missing = needs.filter((field) => !there(field)).map(label);
    const without = missing.length > 0 ? `, without ${missing.join(" and ")}` : "";
    return `${needs.filter(there).map(label).join(" and ")} (${type}${without})`;
  });
  return new AuthError(
    "ERR_AUTH_INVALID",
    "ambiguous-credential",
    `${source}: more than one credential is set: ${found.join("; ")}. Unset all but one, or choose with the option \`type\`.`,
    { provider: source },
  );
}
