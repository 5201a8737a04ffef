export { type FileLockOptions, fileLock } from "./file-lock.ts";
export type { TokenFile } from "./file-store.ts";
export { type FromTokenFileOptions, fromTokenFile } from "./from-token-file.ts";
export type { LockOptions } from "./lock-options.ts";
export { scheme } from "./scheme.ts";
export { type TokenFileOptions, tokenFile } from "./token-file.ts";
