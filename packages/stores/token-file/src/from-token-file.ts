import { AuthError, type Credential, type Provider } from "@auth/core";
import { notePath, withNote } from "./answer-note.ts";
import { checkOptions, checkPath, locate, nameOf, printable } from "./default-path.ts";
import { loginKey, type Noted, parseLogin } from "./parse-login.ts";
import type { Trust } from "./private-directory.ts";
import { readPrivateFile } from "./read-private-file.ts";
import { realSystem, type System } from "./system.ts";
import { toAuthError } from "./to-auth-error.ts";
import { untilAborted } from "./until-aborted.ts";

export interface FromTokenFileOptions {
  /** The file; `~/` is the home directory. */
  readonly path: string;
  /** Which login, if the file holds several: the name it was stored under. Default: the only one. */
  readonly profile?: string | undefined;
  /** Read a file or folder that other users may write or read. Default false. */
  readonly allowUnsafePermissions?: boolean | undefined;
}

/**
 * Reads a login from a token file, as a credential: one that `tokenFile` keeps, or a plain JSON object of another program with
 * `access_token`, `refresh_token`, `expires_at`. With a refresh token it is a `refresh-token` credential, otherwise an
 * `access-token`.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/no-file`, `/no-profile`; `ERR_AUTH_INVALID/ambiguous` naming the profiles, `/payload-malformed`,
 * `/store-corrupted`, `/store-version`, `/unsafe-permissions`, `/unsafe-path`, `/not-a-file`; `ERR_AUTH_DENIED/permission-denied`; `ERR_AUTH_UNAVAILABLE/no-home`;
 * `ERR_AUTH_INTERACTION_REQUIRED/refresh-token-rejected` for a login that the server refused for good.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant: refreshToken({ issuer }), credentials: fromTokenFile({ path: "~/.acme/token.json" }) });
 * ```
 */
export function fromTokenFile(options: FromTokenFileOptions): Provider {
  checkOptions("fromTokenFile", options, '{ path: "~/.acme/token.json" }');
  const { path, profile, allowUnsafePermissions = false } = options;
  checkPath("fromTokenFile", "path", path);
  if (profile !== undefined && typeof profile !== "string")
    throw new TypeError("fromTokenFile: profile must be a string");
  const file = locate({ path });
  const system = realSystem();
  const source = (): string => `${nameOf(file)}${profile === undefined ? "" : ` (${printable(profile)})`}`;
  return {
    get name() {
      return source();
    },
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const trust: Trust = { name: source(), allowUnsafePermissions, rootMayOwn: true };
      return untilAborted(readLogin(system, file(), profile, trust), signal);
    },
  };
}

async function readLogin(
  system: System,
  path: string,
  profile: string | undefined,
  trust: Trust,
): Promise<Credential> {
  const { name: source } = trust;
  let text: string | undefined;
  let noted: Noted | undefined;
  try {
    text = await readPrivateFile(system, path, trust);
    const key = text === undefined ? undefined : loginKey(text, { profile });
    if (key !== undefined)
      noted = await withNote(system, notePath(path, key), trust, key, async (note) => note.answer);
  } catch (error) {
    throw toAuthError(error, { name: source, doing: "read", path });
  }
  if (text === undefined) {
    throw new AuthError(
      "ERR_AUTH_NOT_FOUND",
      "no-file",
      `${source}: no such file. Log in first, or mend the path.`,
      { provider: source },
    );
  }
  return parseLogin(text, { source, path, profile }, noted);
}
