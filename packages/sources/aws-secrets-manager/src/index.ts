export { type FromAwsSecretsManagerOptions, fromAwsSecretsManager } from "./from-aws-secrets-manager.ts";
export type { AwsSecretsManagerClient } from "./read-aws-secrets-manager.ts";
export { scheme } from "./scheme.ts";
