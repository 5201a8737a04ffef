import { checkOptions, checkPathOptions, locate, nameOf } from "./default-path.ts";
import { documentLayout } from "./document-layout.ts";
import { createFileStore, type TokenFile } from "./file-store.ts";
import { type LockOptions, lockLimits } from "./lock-options.ts";
import type { LockLimits } from "./lock-verdict.ts";
import { type Format, presentFormat } from "./store-document.ts";
import { realSystem, type System } from "./system.ts";

export interface TokenFileOptions extends LockOptions {
  /**
   * The file; `~/` is the home directory. Default: `tokens.json` in the folder `app`, where the platform keeps a user's state.
   * Not together with `app`.
   */
  readonly path?: string | undefined;
  /** Folder name below the platform's place for state. Default `auth`: shared by all programs that name none. */
  readonly app?: string | undefined;
}

/**
 * Keeps token sets in a JSON file, which processes, threads and instances share safely: replaced as a whole or not at all,
 * readable by this user only, compared before it is written, with a lock for each login.
 *
 * Errors: `ERR_AUTH_INVALID/store-corrupted`, `/store-version`, `/unsafe-permissions`, `/unsafe-path`, `/secret-too-large` (one
 * more login would make the file larger than 1 MiB), `/too-large`; `ERR_AUTH_DENIED/permission-denied`, `/read-only`;
 * `ERR_AUTH_UNREACHABLE/save-failed`, `/store-unavailable`, `/lock-timeout`, `/lock-lost`;
 * `ERR_AUTH_UNAVAILABLE/unsupported-file-system`, `/no-home`. What each asks for is in its message.
 *
 * A write that expects nothing (`undefined`) where the file or the entry is damaged keeps a copy beside it,
 * `tokens.json.corrupt-…`, and starts anew: so does a login. Any other write or read of a damaged one fails and changes nothing.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant, store: tokenFile({ app: "acme" }), name: "default" });
 * ```
 */
export function tokenFile(options: TokenFileOptions = {}): TokenFile {
  checkOptions("tokenFile", options, '{ app: "acme" }');
  checkPathOptions("tokenFile", options);
  const limits = lockLimits("tokenFile", options);
  const system = realSystem(options.clock);
  return createTokenFile(system, locate(options), limits, options.allowUnsafePermissions ?? false);
}

/** The same, on a system that may be a test's. */
export function createTokenFile(
  system: System,
  locate: () => string,
  limits: LockLimits,
  allowUnsafePermissions: boolean,
  format: Format = presentFormat,
): TokenFile {
  const trust = {
    get name() {
      return nameOf(locate);
    },
    allowUnsafePermissions,
  };
  const layoutOf = (path: string) => documentLayout({ name: trust.name, path }, format);
  return createFileStore({ system, locate, trust, limits, layoutOf });
}
