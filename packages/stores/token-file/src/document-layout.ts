import { isAuthError } from "@auth/core";
import type { Layout } from "./layout.ts";
import * as documents from "./store-document.ts";

/** Our own format: each login has a generation that was drawn when it was written. */
export function documentLayout(
  place: { readonly name: string; readonly path: string },
  format: documents.Format,
): Layout {
  const parse = (text: string): documents.StoreDocument =>
    documents.parseDocument(text, place.name, place.path, format);

  /** What cannot be read is not there for whoever starts anew. */
  function present(text: string, anew: boolean): { document: documents.StoreDocument; aside?: string } {
    try {
      const document = parse(text);
      const { migratedFrom } = document;
      return { document, ...(migratedFrom !== undefined && { aside: `schema-${migratedFrom}` }) };
    } catch (error) {
      if (!anew || !isCorrupted(error)) throw error;
      return { document: documents.emptyDocument, aside: "corrupt" };
    }
  }

  return {
    find: (text, key) => documents.readEntry(parse(text), key, place.name, place.path),
    has: (text, key) => parse(text).entries.has(key),
    keys: (text) => parse(text).entries.keys(),
    change(text, key, wanted, anew) {
      const { document, aside } =
        text === undefined ? { document: documents.emptyDocument } : present(text, anew);
      const changed =
        wanted === undefined
          ? documents.withoutEntry(document, key)
          : documents.withEntry(document, key, wanted);
      const { generation = "" } = wanted ?? {};
      return { text: documents.formatDocument(changed, format), generation, ...(aside && { aside }) };
    },
  };
}

export function isTooLarge(error: unknown): boolean {
  return isAuthError(error) && error.reason === "too-large";
}

export function isCorrupted(error: unknown): boolean {
  return isAuthError(error) && error.reason === "store-corrupted";
}
