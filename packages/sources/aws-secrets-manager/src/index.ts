export { type FromAwsSecretsManagerOptions, fromAwsSecretsManager } from "./from-aws-secrets-manager.ts";
export { scheme } from "./scheme.ts";
export type { SecretsManagerClientLike } from "./sdk-transport.ts";
export type { SecretOptions, SecretWarning } from "./secret-options.ts";
