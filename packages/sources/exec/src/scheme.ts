import type { Scheme } from "@auth/core/resolver";
import { fromExec } from "./from-exec.ts";

/**
 * `exec:prod/acme` is a secret, `exec:prod/acme#/password` a part of it.
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const credentials = resolve("exec:prod/acme");
 * ```
 */
export const scheme: Scheme = {
  scheme: "exec",
  package: "@auth/exec",
  parse: ({ path, field }) => fromExec({ secret: path, field }),
  describe: ({ path, field }) => `${field === undefined ? "" : `"${field}" in `}the secret ${path}`,
};
