import { AuthError } from "@auth/core";
import { formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { type FromFileOptions, fromFile } from "./from-file.ts";
import { printable } from "./read-file.ts";

/**
 * `file:./token.txt`, `file:~/acme.json`, `file:///run/secrets/db#/password`. Selectors: `format`, `bare` (what text is:
 * `token`, `apiKey`, `refreshToken`), `encoding` (`utf8`, `base64`), `trim` (`newline`, `none`).
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const password = resolve("file:///run/secrets/db#/password");
 * ```
 */
export const scheme: Scheme = {
  scheme: "file",
  package: "@auth/file",
  selectors: ["bare", "encoding", "format", "trim"],
  parse(reference) {
    const options: Omit<FromFileOptions, "path"> = {
      field: reference.field,
      format: choice(reference, "format", ["auto", "json", "dotenv", "text", "directory"]),
      bare: choice(reference, "bare", ["token", "apiKey", "refreshToken"]),
      encoding: choice(reference, "encoding", ["utf8", "base64"]),
      trim: choice(reference, "trim", ["newline", "none"]),
    };
    if (options.format === "text" && options.field !== undefined)
      throw invalid(reference, "asks for a field of a text; text has none");
    const { locator, path } = reference;
    if (locator === undefined && /^~(?:\/|$)/.test(path)) return fromFile({ ...options, path });
    return fromFile({ ...options, path: pathOf(reference) });
  },
  describe: (reference) =>
    `${reference.field === undefined ? "" : `"${reference.field}" in `}the file ${printable(reference.path)}`,
};

function pathOf(reference: Reference): string {
  const { locator, path } = reference;
  if (locator !== undefined && locator !== "localhost")
    throw invalid(reference, "names a host; a local path has three slashes, as in file:///run/secrets/db");
  if (locator === undefined && path.startsWith("~"))
    throw invalid(reference, "names another user's home; write the whole path");
  const local = locator === undefined ? path : `/${path}`;
  // In a URL a slash stands before the drive.
  return process.platform === "win32" ? local.replace(/^\/(?=[a-z]:[\\/])/i, "") : local;
}

function choice<T extends string>(reference: Reference, key: string, values: readonly T[]): T | undefined {
  const value = reference.selectors.get(key);
  if (value === undefined) return undefined;
  const known = values.find((known) => known === value);
  if (!known) throw invalid(reference, `has a "${key}" that is not one of ${values.join(", ")}`);
  return known;
}

function invalid(reference: Reference, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "reference", `${formatReference(reference)} ${problem}.`);
}
