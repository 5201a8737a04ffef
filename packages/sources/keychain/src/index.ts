export { type FromKeychainOptions, fromKeychain } from "./from-keychain.ts";
export type { KeychainClient } from "./read-keychain.ts";
export { scheme } from "./scheme.ts";
