import type { Scheme } from "@auth/core/resolver";
import { fromLocalAgent } from "./from-local-agent.ts";
import { describeReference, invalid, providerOf, selectors } from "./references.ts";

/**
 * The same references as `scheme`, answered by the agent on this machine: `aws-sm:prod/acme#/password`, or an ARN. The
 * agent has its own region, so a reference may not name one.
 *
 * @example
 * ```ts
 * import { scheme } from "@auth/aws-secrets-manager/local-agent";
 * const resolve = createResolver([scheme]);
 * ```
 */
export const localAgentScheme: Scheme = {
  scheme: "aws-sm",
  aliases: ["arn"],
  package: "@auth/aws-secrets-manager",
  selectors,
  parse(reference) {
    if (reference.locator !== undefined)
      throw invalid(reference, "names a region; the agent has its own. Leave it out, or use the ARN");
    return providerOf(reference, fromLocalAgent);
  },
  describe: (reference) => describeReference(reference, " at the local agent"),
};
