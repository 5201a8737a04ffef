export type { Keytar, NapiKeyring } from "./backends.ts";
export { type FromKeychainOptions, fromKeychain } from "./from-keychain.ts";
export type { KeychainOptions } from "./keychain-options.ts";
export { type KeychainStoreOptions, keychainStore } from "./keychain-store.ts";
export { scheme } from "./scheme.ts";
