export { type ForeignFile, type ForeignFileOptions, foreignFile, type Whose } from "./foreign-file.ts";
export type { ForeignFormat } from "./foreign-layout.ts";
export type { LockOptions } from "./lock-options.ts";
export type { FileWarning } from "./private-directory.ts";
export { type ReadForeignFileOptions, readForeignFile } from "./read-foreign-file.ts";
