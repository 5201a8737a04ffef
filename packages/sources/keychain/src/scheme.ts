import type { Scheme } from "@auth/core/resolver";
import { fromKeychain } from "./from-keychain.ts";

/**
 * `keychain:prod/acme` is a secret, `keychain:prod/acme#/password` a part of it.
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const credentials = resolve("keychain:prod/acme");
 * ```
 */
export const scheme: Scheme = {
  scheme: "keychain",
  package: "@auth/keychain",
  parse: ({ path, field }) => fromKeychain({ secret: path, field }),
  describe: ({ path, field }) => `${field === undefined ? "" : `"${field}" in `}the secret ${path}`,
};
