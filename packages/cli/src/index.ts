export type { Config, GrantConfig, Profile, StoreConfig } from "./config/config.ts";
export type { Io } from "./context.ts";
export { exitCode } from "./exit-code.ts";
export type { Interruption } from "./interruption.ts";
export { main } from "./main.ts";
