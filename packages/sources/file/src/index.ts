export { type FromFileOptions, fromFile } from "./from-file.ts";
export type { FileWarning } from "./read-file.ts";
export { scheme } from "./scheme.ts";
