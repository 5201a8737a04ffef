export type { AzureCloud } from "./find-secret.ts";
export { type FromAzureKeyVaultOptions, fromAzureKeyVault } from "./from-azure-key-vault.ts";
export type { AzureKeyVaultWarning } from "./parse-secret.ts";
export { scheme } from "./scheme.ts";
export type { AzureCredentialName, AzureIdentityOptions } from "./sign-in.ts";
export type {
  AzureKeyVaultClient,
  AzureSecret,
  AzureToken,
  AzureTokenCredential,
  AzureTokenRequest,
} from "./vault-client.ts";
