import type { Scheme } from "@auth/core/resolver";
import { fromAwsSecretsManager } from "./from-aws-secrets-manager.ts";

/**
 * `aws-secrets-manager:prod/acme` is a secret, `aws-secrets-manager:prod/acme#/password` a part of it.
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const credentials = resolve("aws-secrets-manager:prod/acme");
 * ```
 */
export const scheme: Scheme = {
  scheme: "aws-secrets-manager",
  package: "@auth/aws-secrets-manager",
  parse: ({ path, field }) => fromAwsSecretsManager({ secret: path, field }),
  describe: ({ path, field }) => `${field === undefined ? "" : `"${field}" in `}the secret ${path}`,
};
