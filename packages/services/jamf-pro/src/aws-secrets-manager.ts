import { type FromAwsSecretsManagerOptions, fromAwsSecretsManager } from "@auth/aws-secrets-manager";
import type { Provider } from "@auth/core";

/** Which secret it is. What it means is said by its keys. */
export type AwsSecret = Omit<FromAwsSecretsManagerOptions, "bare">;

/**
 * A user account (`{"username", "password"}`) or an API client (`{"client_id", "client_secret"}`) from AWS Secrets Manager;
 * other keys are ignored. Errors and options (`secretId`, `versionId`, `versionStage`, `region`, …) are those of
 * `fromAwsSecretsManager` of `@auth/aws-secrets-manager`, which has to be installed.
 *
 * @example
 * ```ts
 * const credentials = fromJamfProAwsSecret({ secretId: "prod/jamf", versionStage: "AWSCURRENT" });
 * ```
 */
export function fromJamfProAwsSecret(secret: AwsSecret): Provider & AsyncDisposable {
  return fromAwsSecretsManager(secret);
}
