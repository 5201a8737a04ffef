import { AuthError } from "@auth/core";
import { formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { type FromTokenFileOptions, fromTokenFile } from "./from-token-file.ts";

/**
 * `token-file:~/.config/app/token.json`, `token-file:///srv/app/token.json?profile=work`. Selector: `profile`, which login if
 * the file holds several.
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const login = resolve("token-file:~/.config/app/token.json?profile=work");
 * ```
 */
export const scheme: Scheme = {
  scheme: "token-file",
  package: "@auth/token-file",
  selectors: ["profile"],
  parse: (reference) => fromTokenFile(optionsOf(reference)),
  describe: (reference) => {
    const { path, profile } = optionsOf(reference);
    return `${profile === undefined ? "the login" : `the login "${profile}"`} in the token file ${path}`;
  },
};

function optionsOf(reference: Reference): FromTokenFileOptions {
  const { locator, path, selectors, field } = reference;
  if (field !== undefined) throw invalid(reference, "asks for a field; a login is used whole");
  if (locator !== undefined && locator !== "localhost")
    throw invalid(
      reference,
      "names a host; a local path has three slashes, as in token-file:///srv/app/token.json",
    );
  if (locator === undefined && /^~[^/]/.test(path))
    throw invalid(reference, "names another user's home; write the whole path");
  const local = locator === undefined ? path : `/${path}`;
  return {
    // In a URL a slash stands before the drive.
    path: process.platform === "win32" ? local.replace(/^\/(?=[a-z]:[\\/])/i, "") : local,
    profile: selectors.get("profile"),
  };
}

function invalid(reference: Reference, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "reference", `${formatReference(reference)} ${problem}.`);
}
