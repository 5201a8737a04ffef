import { AuthError, type Stored } from "@auth/core";
import { parseJson } from "@auth/core/payload";
import { inMessageOf } from "./default-path.ts";

/** The whole of a token file. What this version does not know of stays as it is. */
export interface StoreDocument {
  readonly entries: ReadonlyMap<string, unknown>;
  readonly more: Readonly<Record<string, unknown>>;
  /** The schema number that was found, if it is older than the present one. */
  readonly migratedFrom?: number;
}

/** How an older format becomes the next one: for each schema number, what makes the following one of it. */
export type Migrations = Readonly<Record<number, (file: Record<string, unknown>) => Record<string, unknown>>>;

/** The present format, and how to come to it. */
export interface Format {
  readonly schema: number;
  readonly migrations: Migrations;
}

export const presentFormat: Format = { schema: 1, migrations: {} };

export const emptyDocument: StoreDocument = { entries: new Map(), more: {} };

/**
 * Reads `{ "schema": 1, "entries": { "<key>": { "generation": "…", "record": {…} } } }`. Entries are looked at one by one, when
 * they are asked for, so that a bad one fails alone (SEC-76).
 *
 * Errors: `ERR_AUTH_INVALID/store-corrupted`, `ERR_AUTH_INVALID/store-version`; nothing of the text is quoted.
 */
export function parseDocument(
  text: string,
  name: string,
  path: string,
  { schema, migrations }: Format = presentFormat,
): StoreDocument {
  let file = asObject(attempt(() => parseJson(text)));
  const found = file?.["schema"];
  if (!file || typeof found !== "number" || !Number.isInteger(found) || found < 1)
    throw storeCorrupted(name, path, "is not a token file");
  if (found > schema) {
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "store-version",
      `${name}: ${inMessageOf(name, path)} was written by a newer version (schema ${found}, this one knows ${schema}). Update this program; the file is left as it is.`,
      { provider: name },
    );
  }
  for (let at = found; at < schema; at++) file = file && migrations[at]?.(file);
  const { schema: _, entries, ...more } = file ?? {};
  const listed = asObject(entries);
  if (!listed) throw storeCorrupted(name, path, "is not a token file");
  return {
    entries: new Map(Object.entries(listed).map(([key, entry]) => [unescapeKey(key), entry])),
    more,
    ...(found < schema && { migratedFrom: found }),
  };
}

export function formatDocument({ entries, more }: StoreDocument, { schema }: Format = presentFormat): string {
  const listed = Object.fromEntries([...entries].map(([key, entry]) => [escapeKey(key), entry]));
  return `${JSON.stringify({ schema, ...more, entries: listed }, null, 2)}\n`;
}

/** Errors: `ERR_AUTH_INVALID/store-corrupted` if this very entry is no entry. */
export function readEntry(
  document: StoreDocument,
  key: string,
  name: string,
  path: string,
): Stored | undefined {
  if (!document.entries.has(key)) return undefined;
  const { generation, record, text } = asObject(document.entries.get(key)) ?? {};
  const value =
    record === undefined ? text : text === undefined && asObject(record) ? JSON.stringify(record) : undefined;
  if (typeof generation !== "string" || generation === "" || typeof value !== "string")
    throw storeCorrupted(name, path, "holds an entry for this login that is no entry");
  return { value, generation };
}

/** The same document with one entry replaced; unknown fields of the old entry are kept. */
export function withEntry(
  document: StoreDocument,
  key: string,
  { value, generation }: Stored,
): StoreDocument {
  const { generation: _, record: __, text: ___, ...kept } = asObject(document.entries.get(key)) ?? {};
  const entry = { ...kept, generation, ...embed(value) };
  return { ...document, entries: new Map([...document.entries, [key, entry]]) };
}

export function withoutEntry(document: StoreDocument, key: string): StoreDocument {
  return { ...document, entries: new Map([...document.entries].filter(([each]) => each !== key)) };
}

export function storeCorrupted(name: string, path: string, problem: string): AuthError {
  return new AuthError(
    "ERR_AUTH_INVALID",
    "store-corrupted",
    `${name}: ${inMessageOf(name, path)} ${problem}. Mend it, or log in again: what is there is kept beside it then.`,
    { provider: name },
  );
}

/** As an object, which people can read, if the very same text comes back from it; else as a string. */
function embed(value: string): { record: object } | { text: string } {
  if (value.startsWith("{")) {
    // As deep as it will lie in the file: a text that the whole could not be read with must not get into it.
    const record = attempt(() => (parseJson(`[[[${value}]]]`) as [[[unknown]]])[0][0][0]);
    if (asObject(record) && JSON.stringify(record) === value) return { record: record as object };
  }
  return { text: value };
}

/** `__proto__` is the one key that strict JSON refuses. */
function escapeKey(key: string): string {
  return /^_*__proto__$/.test(key) ? `_${key}` : key;
}

function unescapeKey(key: string): string {
  return /^_+__proto__$/.test(key) ? key.slice(1) : key;
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
