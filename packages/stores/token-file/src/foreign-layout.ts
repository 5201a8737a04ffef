import { createHash } from "node:crypto";
import { AccessToken, decodeRecord, encodeRecord, isAuthError, type TokenRecord } from "@auth/core";
import { isCorrupted } from "./document-layout.ts";
import type { Layout } from "./layout.ts";
import { storeCorrupted } from "./store-document.ts";

/** How another program keeps logins in its file. Both are pure: the same text gives the same record, whenever it is read. */
export interface ForeignFormat {
  /**
   * The login under `key`; `undefined`: it is not there. What it throws says that the file, or this login in it, is damaged:
   * `ERR_AUTH_INVALID/store-corrupted`, whatever was thrown; only a `store-version` comes out as it is.
   */
  readonly parse: (text: string, key: string) => TokenRecord | undefined;
  /**
   * The file's new text: `text`, which is `undefined` if there is no file, with this login in place of the one under `key`;
   * all that the other program keeps there besides should survive. Without `record` the login is to go; without a result, the
   * file. It is asked anew whenever the other program was faster. What it throws about `text` says that this is damaged; a login
   * then starts the file anew, and the damaged one is kept beside it.
   */
  readonly format: (
    text: string | undefined,
    key: string,
    record: TokenRecord | undefined,
  ) => string | undefined;
  /** The keys of the logins in it, if it can tell. */
  readonly keys?: ((text: string) => Iterable<string>) | undefined;
}

/** The id of the token that was last seen or written under a key: the file has no place for it. */
export type KnownIds = Map<string, { readonly token: string; readonly id: string }>;

/**
 * A foreign format as a layout. The other program knows nothing of generations, so that a login's content is its generation:
 * whatever of it the record shows.
 */
export function foreignLayout(
  place: { readonly name: string; readonly path: string },
  { parse, format, keys }: ForeignFormat,
  cache: boolean,
  ids: KnownIds,
): Layout {
  function checked<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isAuthError(error) && error.reason === "store-version") throw error;
      throw storeCorrupted(place.name, place.path, "cannot be read");
    }
  }

  /** Our id and not a new one at each look, for as long as it is the same token. */
  function identified(record: TokenRecord, key: string, id?: string): TokenRecord {
    const { accessToken } = record.tokens;
    const token = digest(accessToken.reveal());
    const known = ids.get(key);
    const found = id ?? (known?.token === token ? known.id : accessToken.id);
    ids.set(key, { token, id: found });
    return withId(record, found);
  }

  return {
    foreign: true,
    cache,
    find(text, key) {
      const record = checked(() => parse(text, key));
      return record && { value: encodeRecord(identified(record, key)), generation: generationOf(record) };
    },
    has(text, key) {
      try {
        return parse(text, key) !== undefined;
      } catch {
        return true;
      }
    },
    change(text, key, wanted, anew) {
      const record = wanted && decodeRecord(wanted.value);
      const { changed, aside } = attempt();
      if (changed === undefined || !record) return { text: changed, generation: "", ...aside };
      const kept = checked(() => parse(changed, key));
      identified(record, key, record.tokens.accessToken.id);
      return { text: changed, generation: generationOf(kept ?? record), ...aside };

      function attempt(): { changed: string | undefined; aside?: { aside: string } } {
        try {
          return { changed: checked(() => format(text, key, record)) };
        } catch (error) {
          if (!anew || text === undefined || !isCorrupted(error)) throw error;
          return { changed: format(undefined, key, record), aside: { aside: "corrupt" } };
        }
      }
    },
    ...(keys && { keys: (text: string) => checked(() => keys(text)) }),
  };
}

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

const generationOf = (record: TokenRecord): string => digest(encodeRecord(withId(record, "-"))).slice(0, 22);

function withId(record: TokenRecord, id: string): TokenRecord {
  const { accessToken } = record.tokens;
  const { type, expiresAt, obtainedAt, scopes } = accessToken;
  const facts = {
    type,
    id,
    ...(expiresAt && { expiresAt }),
    ...(obtainedAt && { obtainedAt }),
    ...(scopes && { scopes }),
  };
  return {
    ...record,
    tokens: { ...record.tokens, accessToken: new AccessToken(accessToken.reveal(), facts) },
  };
}
