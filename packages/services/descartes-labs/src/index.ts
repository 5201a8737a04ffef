export { getDefaultAuth } from "./default-auth.ts";
export { type DescartesLabsOptions, descartesLabs } from "./descartes-labs.ts";
export type { Environment } from "./environment.ts";
export { fromEnvironmentOrTokenJson } from "./from-environment-or-token-json.ts";
export { type Identity, identityOf } from "./identity.ts";
export { type LogInOptions, logIn } from "./log-in.ts";
export type { LoginWarning, TokenJsonOptions } from "./login.ts";
