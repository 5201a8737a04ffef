import { AuthError } from "./errors.ts";

/**
 * The name of a secret, in parts. It never holds a credential, so it may be printed, logged and committed.
 *
 * `scheme ":" ["//" locator] path ["?" selectors] ["#" field]`, or `"@" instance ":" …` for a configured instance.
 */
export interface Reference {
  /** Lower-case letters, digits and hyphens. Absent when `instance` is given. */
  readonly scheme?: string;
  /** The name of a configured instance, instead of a scheme. */
  readonly instance?: string;
  /** Where the store is: a region, a vault, a service. Undefined means the provider's default. */
  readonly locator?: string;
  /** The store's own complete name of the secret, decoded, without the slash that parts it from a locator. */
  readonly path: string;
  readonly selectors: ReadonlyMap<string, string>;
  /** A JSON Pointer (`/a/b`) or a literal top-level key. */
  readonly field?: string;
}

/** A secret in a name ends up in a log. */
const forbidden =
  /^(?:user(?:name)?|pass(?:word|phrase)?|pwd|token|(?:access|refresh|id|bearer)token|secret(?:access)?(?:value|key)|clientsecret|apikey|accesskey|privatekey|key|credentials?|fallback|default)$/;
const control = /\p{Cc}/u;
const grammar =
  /^(?:@([a-z0-9][\w-]*)|([a-z][a-z0-9-]*)):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/**
 * Reads a reference. Own grammar instead of `URL`, which drops tabs and newlines, folds dot segments and quotes its input
 * in errors. Errors: `ERR_AUTH_INVALID/reference`, which quotes nothing of the text.
 *
 * @example
 * ```ts
 * parseReference("keychain://billing-api/alice?backend=napi#/password").locator; // "billing-api"
 * ```
 */
export function parseReference(text: string): Reference {
  if (typeof text !== "string")
    throw new TypeError("parseReference: expected text, for example env:ACME_TOKEN");
  if (text.length > 4096 || control.test(text) || !text.isWellFormed())
    throw invalid("is longer than 4096 characters or holds a control character");
  const match = grammar.exec(text);
  if (!match) throw invalid("does not look like `scheme:path`, for example `env:ACME_TOKEN`");
  const [, instance, scheme, locator, path = "", query, field] = match;
  const place = locator && decode(locator);
  if (place?.includes("@")) throw invalid("holds user information; a reference only names a secret");
  const plain = decode(locator ? path.replace(/^\//, "") : path);
  if (dotted(plain, Boolean(place))) throw invalid("holds a dot segment");
  if (plain === "" && !locator) throw invalid("names nothing: the path is empty");
  return {
    ...(scheme !== undefined && { scheme }),
    ...(instance !== undefined && { instance }),
    ...(place && { locator: place }),
    path: plain,
    selectors: parseSelectors(query),
    ...(field !== undefined && { field: decode(field) }),
  };
}

/** The canonical form: two references are equal exactly when these are, and it parses to an equal reference. */
export function formatReference(reference: Reference): string {
  const { scheme, instance, locator, path, selectors, field } = reference;
  const query = [...selectors]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${encode(key, "")}=${encode(value, "/")}`);
  return [
    instance === undefined ? scheme : `@${instance}`,
    ":",
    // A path that begins with two slashes would read as a locator.
    locator !== undefined ? `//${encode(locator, "")}` : path.startsWith("//") ? "//" : "",
    locator !== undefined && path !== "" ? "/" : "",
    encode(path, "/"),
    query.length > 0 ? `?${query.join("&")}` : "",
    field === undefined ? "" : `#${encode(field, "/")}`,
  ].join("");
}

/** Dot segments may begin a relative path (`./token.txt`) and stand nowhere else. */
function dotted(path: string, located: boolean): boolean {
  const segments = path.split("/");
  const first =
    located || path.startsWith("/") ? 0 : segments.findIndex((segment) => !/^\.\.?$/.test(segment));
  return first < 0 || segments.slice(first).some((segment) => /^\.\.?$/.test(segment));
}

function parseSelectors(query: string | undefined): Map<string, string> {
  const selectors = new Map<string, string>();
  for (const pair of query?.split("&") ?? []) {
    const [key = "", ...rest] = pair.split("=");
    const name = decode(key);
    if (name === "") throw invalid("has a selector without a name");
    if (forbidden.test(name.toLowerCase().replaceAll(/[-_]/g, "")))
      throw invalid("has a selector that would hold a secret; a reference only names one");
    if (selectors.has(name)) throw invalid("repeats a selector");
    selectors.set(name, decode(rest.join("=")));
  }
  return selectors;
}

function decode(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw invalid("holds a malformed percent escape");
  }
  if (control.test(plain)) throw invalid("holds a control character");
  return plain;
}

/** Readable where it can be: only what would change the parse is escaped. */
function encode(text: string, keep: string): string {
  return text
    .replace(/[^\w.~!$'()*+,;:@ -]/gu, (char) => (keep.includes(char) ? char : encodeURIComponent(char)))
    .replaceAll(" ", "%20");
}

function invalid(problem: string): AuthError {
  return new AuthError(
    "ERR_AUTH_INVALID",
    "reference",
    `The reference ${problem}. The text is not shown: it may hold a secret.`,
  );
}
