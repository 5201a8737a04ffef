export { type FromAzureKeyVaultOptions, fromAzureKeyVault } from "./from-azure-key-vault.ts";
export type { AzureKeyVaultClient } from "./read-azure-key-vault.ts";
export { scheme } from "./scheme.ts";
