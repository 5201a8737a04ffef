import type { Scheme } from "@auth/core/resolver";
import { fromAzureKeyVault } from "./from-azure-key-vault.ts";

/**
 * `azure-key-vault:prod/acme` is a secret, `azure-key-vault:prod/acme#/password` a part of it.
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const credentials = resolve("azure-key-vault:prod/acme");
 * ```
 */
export const scheme: Scheme = {
  scheme: "azure-key-vault",
  package: "@auth/azure-key-vault",
  parse: ({ path, field }) => fromAzureKeyVault({ secret: path, field }),
  describe: ({ path, field }) => `${field === undefined ? "" : `"${field}" in `}the secret ${path}`,
};
