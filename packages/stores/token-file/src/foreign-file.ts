import { decodeRecord, encodeRecord, type TokenRecord, type TokenStore } from "@auth/core";
import type { Answer } from "./answer-note.ts";
import { checkOptions, checkPath, locate, nameOf, printable } from "./default-path.ts";
import { createFileStore } from "./file-store.ts";
import { type ForeignFormat, foreignLayout, type KnownIds } from "./foreign-layout.ts";
import type { Layout } from "./layout.ts";
import { type LockOptions, lockLimits } from "./lock-options.ts";
import type { LockLimits } from "./lock-verdict.ts";
import { type FileWarning, once, type Trust } from "./private-directory.ts";
import { realSystem, type System } from "./system.ts";
import { nobody, WhoseNote, whoseLayout } from "./whose-note.ts";

/** A store that can lock and prepare, and says that its file is another program's. */
export type ForeignFile = TokenStore & Required<Pick<TokenStore, "withLock" | "prepare" | "foreign">>;

/** See `ForeignFileOptions.whose`. */
export type Whose = (
  record: TokenRecord,
  key: string,
) => TokenRecord | undefined | Promise<TokenRecord | undefined>;

export interface ForeignFileOptions extends LockOptions {
  /**
   * The file; `~/` is the home directory. A function is asked when the file is first needed: for a place that the environment
   * says, or for a file that holds one login only, whose name depends on the key.
   */
  readonly path: string | ((key: string) => string);
  readonly format: ForeignFormat;
  /** What messages call it. Default: `token-file` and the path. Required if `path` is a function. */
  readonly name?: string | undefined;
  /**
   * The file holds nothing that cannot be had again without a person: what cannot be read counts as absent, and is replaced
   * without being kept. Default false.
   */
  readonly cache?: boolean | undefined;
  /**
   * For a file with one login that does not say for whom it is: for which server, client and scope. Of one that we write, this is
   * noted beside it (`<file>.whose`, which holds no secret). Of one that another program wrote, this says it, in `partition`;
   * or that there is no telling, by `undefined`: then it is nobody's, and neither used nor replaced but by a login. Default:
   * what `format` says is all there is to know.
   */
  readonly whose?: Whose | undefined;
  /** Told once of a file that other users can read, as the other program made it. After our next write they cannot. */
  readonly onWarning?: ((warning: FileWarning) => void) | undefined;
}

/**
 * A store in the file of another program, which goes on using it: private from our first write on, replaced as a whole or not
 * at all, compared before it is written, with a lock for each login among all who use this package. The other program knows
 * nothing of that lock: what it writes at any moment is looked for before and after each replacement, and wins.
 *
 * A file that other users can read is used, with a warning, and is ours alone (0600) after the next write; one that they can
 * write is refused. `generation` is a digest of what the file says of the login, so that writing the same again keeps it.
 * A record comes back with what the format has room for.
 *
 * Errors: those of `tokenFile`, and `ERR_AUTH_UNREACHABLE/store-contended` if the other program does not stop writing.
 *
 * @example
 * ```ts
 * const store = foreignFile({
 *   path: "~/.config/other/credentials",
 *   format: {
 *     parse(text) {
 *       const { access_token, refresh_token } = JSON.parse(text);
 *       const tokens = { accessToken: new AccessToken(access_token), refreshToken: new Secret(refresh_token) };
 *       return { tokens };
 *     },
 *     format: (text, _key, record) =>
 *       record && JSON.stringify({
 *         ...(text && JSON.parse(text)),
 *         access_token: record.tokens.accessToken.reveal(),
 *         refresh_token: record.tokens.refreshToken?.reveal(),
 *       }),
 *   },
 * });
 * ```
 */
export function foreignFile(options: ForeignFileOptions): ForeignFile {
  checkOptions("foreignFile", options, '{ path: "~/.other/credentials", format }');
  const { path, name, format } = options;
  if (typeof path === "function") {
    if (name === undefined)
      throw new TypeError("foreignFile: a path that is a function needs a name beside it");
  } else checkPath("foreignFile", "path", path);
  if (typeof format?.parse !== "function" || typeof format.format !== "function")
    throw new TypeError("foreignFile: format needs the functions parse and format");
  return createForeignFile(realSystem(options.clock), options);
}

/** The same, on a system that may be a test's. */
export function createForeignFile(system: System, options: ForeignFileOptions): ForeignFile {
  const { path, format, cache = false, allowUnsafePermissions = false, whose } = options;
  const limits = lockLimits("foreignFile", options);
  const name = options.name === undefined ? undefined : printable(options.name);
  const fixed = typeof path === "string" ? locate({ path }, name) : undefined;
  const place = (key: string): string =>
    fixed?.() ?? locate({ path: (path as (key: string) => string)(key) }, name)();
  const trust: Trust = {
    get name() {
      return name ?? nameOf(() => place(""));
    },
    allowUnsafePermissions,
    tolerate: once(options.onWarning),
  };
  const ids: KnownIds = new Map();
  const layoutOf = (file: string): Layout =>
    foreignLayout({ name: trust.name, path: file }, format, cache, ids);
  const note = whose && noteBeside(system, place, trust, limits);
  const before = note && ((answer: Answer): Promise<void> => note.put(answer.value));
  const parts = createFileStore({ system, locate: place, trust, limits, layoutOf, before });
  const store: ForeignFile & Pick<TokenStore, "keys"> = Object.assign(parts, { foreign: true });
  // A store offers what it can do.
  if (!format.keys || !fixed) delete store.keys;
  return note && whose ? attributed(store, note, whose) : store;
}

/** The store, with what is known of each login besides its file. */
function attributed(store: ForeignFile, note: WhoseNote, whose: Whose): ForeignFile {
  return {
    get name() {
      return store.name;
    },
    foreign: true,
    async read(key) {
      const found = await store.read(key);
      if (!found) return undefined;
      const record = decodeRecord(found.value);
      const known = (await note.find(record)) ?? (await whose(record, key));
      return { ...found, value: encodeRecord(known ?? { ...record, partition: nobody }) };
    },
    write: (key, value, expected) => store.write(key, value, expected),
    async delete(key, expected) {
      const found = await store.read(key).catch(() => undefined);
      const deleted = await store.delete(key, expected);
      if (deleted && found) await note.forget(decodeRecord(found.value));
      return deleted;
    },
    async prepare(key) {
      await store.prepare(key);
      await note.prepare();
    },
    withLock: (key, work, options) => store.withLock(key, work, options),
  };
}

function noteBeside(
  system: System,
  place: (key: string) => string,
  trust: Trust,
  limits: LockLimits,
): WhoseNote {
  const locate = (key: string): string => `${place(key)}.whose`;
  return new WhoseNote(createFileStore({ system, locate, trust, limits, layoutOf: () => whoseLayout }));
}
