import type { Scheme } from "@auth/core/resolver";
import { fromThing } from "./from-thing.ts";

/**
 * `thing:prod/acme` is a secret, `thing:prod/acme#/password` a part of it.
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const credentials = resolve("thing:prod/acme");
 * ```
 */
export const scheme: Scheme = {
  scheme: "thing",
  package: "@auth/thing",
  parse: ({ path, field }) => fromThing({ secret: path, field }),
  describe: ({ path, field }) => `${field === undefined ? "" : `"${field}" in `}the secret ${path}`,
};
