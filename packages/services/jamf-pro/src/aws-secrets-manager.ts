import { type FromAwsSecretsManagerOptions, fromAwsSecretsManager } from "@auth/aws-secrets-manager";
import type { Provider } from "@auth/core";

export interface AwsSecretOptions extends Omit<FromAwsSecretsManagerOptions, "secret" | "bare"> {
  /** Name or ARN of the secret. */
  readonly secretId: string;
}

/**
 * A user account (`{"username", "password"}`) or an API client (`{"client_id", "client_secret"}`) from AWS Secrets Manager;
 * other keys are ignored. Errors and further options (`versionId`, `versionStage`, …) as of `fromAwsSecretsManager` of
 * `@auth/aws-secrets-manager`, which has to be installed.
 *
 * @example
 * ```ts
 * const credentials = fromJamfProAwsSecret({ secretId: "prod/jamf", versionStage: "AWSCURRENT" });
 * ```
 */
export function fromJamfProAwsSecret({ secretId, ...options }: AwsSecretOptions): Provider & AsyncDisposable {
  return fromAwsSecretsManager({ ...options, secret: secretId });
}
