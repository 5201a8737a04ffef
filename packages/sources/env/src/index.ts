export { type FromEnvOptions, fromEnv } from "./from-env.ts";
export { scheme } from "./scheme.ts";
