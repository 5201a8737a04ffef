export { type FromExecOptions, fromExec } from "./from-exec.ts";
export type { ExecClient } from "./read-exec.ts";
export { scheme } from "./scheme.ts";
