import { isAuthError } from "@auth/core";
import { checkOptions, checkPath, locate, nameOf, printable } from "./default-path.ts";
import { settled } from "./present-file.ts";
import { type FileWarning, once, type Trust } from "./private-directory.ts";
import { readPrivateFile } from "./read-private-file.ts";
import { storeCorrupted } from "./store-document.ts";
import { realSystem } from "./system.ts";
import { toAuthError } from "./to-auth-error.ts";
import { untilAborted } from "./until-aborted.ts";

export interface ReadForeignFileOptions<T = unknown> {
  /** The file; `~/` is the home directory. */
  readonly path: string;
  /** What to make of the text. What it throws says that the file is damaged; an `AuthError` comes out as it is. */
  readonly parse: (text: string) => T;
  /** What messages call it. Default: `token-file` and the path. */
  readonly name?: string | undefined;
  /** Ends the wait (SEC-28). */
  readonly signal?: AbortSignal | undefined;
  /** Read a file that other users can write, or that lies where they can. Default false. */
  readonly allowUnsafePermissions?: boolean | undefined;
  /** Told of a file that other users can read. */
  readonly onWarning?: ((warning: FileWarning) => void) | undefined;
}

/**
 * Reads the file of another program with the checks that `foreignFile` makes, for a source; it may be root's. Resolves to
 * `undefined` if there is no file. A file that makes no sense is looked at again for a moment: the other program may be
 * writing it.
 *
 * Errors: `ERR_AUTH_INVALID/store-corrupted`, `/unsafe-permissions`, `/unsafe-path`, `/not-a-file`;
 * `ERR_AUTH_DENIED/permission-denied`; `ERR_AUTH_UNREACHABLE/store-unavailable`.
 *
 * @example
 * ```ts
 * const login = await readForeignFile({ path: "~/.other/token.json", parse: (text) => JSON.parse(text) });
 * ```
 */
export async function readForeignFile<T>(options: ReadForeignFileOptions<T>): Promise<T | undefined> {
  checkOptions("readForeignFile", options, '{ path: "~/.other/login.json", parse: JSON.parse }');
  checkPath("readForeignFile", "path", options.path);
  const { parse, signal, allowUnsafePermissions = false, onWarning } = options;
  signal?.throwIfAborted();
  const given = options.name === undefined ? undefined : printable(options.name);
  const path = locate({ path: options.path }, given)();
  const name = given ?? nameOf(() => path);
  const system = realSystem();
  const trust: Trust = { name, allowUnsafePermissions, rootMayOwn: true, tolerate: once(onWarning) };
  type Look = { readonly value?: T | undefined; readonly error?: unknown };

  async function look(): Promise<Look> {
    const text = await readPrivateFile(system, path, trust);
    if (text === undefined) return {};
    try {
      return { value: parse(text) };
    } catch (error) {
      return { error: isAuthError(error) ? error : storeCorrupted(name, path, "cannot be read") };
    }
  }

  try {
    const looking = settled(system.clock, look, async ({ error }) => !error);
    const { value, error } = await untilAborted(looking, signal);
    if (error) throw error;
    return value;
  } catch (error) {
    signal?.throwIfAborted();
    throw toAuthError(error, { name, doing: "read", path });
  }
}
