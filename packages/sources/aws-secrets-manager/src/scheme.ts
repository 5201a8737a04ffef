import type { Scheme } from "@auth/core/resolver";
import { fromAwsSecretsManager } from "./from-aws-secrets-manager.ts";
import { describeReference, providerOf, selectors } from "./references.ts";

/**
 * `aws-sm://eu-west-1/prod/acme#/password`, `aws-sm:prod/acme?stage=AWSPREVIOUS` for the region that the SDK finds, or an
 * ARN as it is. Selectors: `stage`, `version`, `bare` (what bare text is: `token`, `apiKey`, `refreshToken`), `encoding`
 * (`utf8`, `base64`).
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const credentials = resolve("aws-sm://eu-west-1/prod/acme");
 * ```
 */
export const scheme: Scheme = {
  scheme: "aws-sm",
  aliases: ["arn"],
  package: "@auth/aws-secrets-manager",
  selectors,
  parse: (reference) =>
    providerOf(reference, (options) => fromAwsSecretsManager({ ...options, region: reference.locator })),
  describe: (reference) =>
    describeReference(reference, reference.locator === undefined ? "" : ` in ${reference.locator}`),
};
