import { AuthError } from "@auth/core";
import { formatReference, type Scheme } from "@auth/core/resolver";
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
  parse(reference) {
    const { locator, path, field } = reference;
    if (locator !== undefined) {
      // Read without it, `thing://prod/acme` would be another secret than the one that is meant.
      const message = `${formatReference(reference)} names an instance, and there is but one. Write thing:${path}.`;
      throw new AuthError("ERR_AUTH_INVALID", "reference", message);
    }
    return fromThing({ secret: path, field });
  },
  describe: ({ path, field }) => `${field === undefined ? "" : `"${field}" in `}the secret ${path}`,
};
