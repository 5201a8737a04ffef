export { type FromLocalAgentOptions, fromLocalAgent } from "./from-local-agent.ts";
export { localAgentScheme as scheme } from "./local-agent-scheme.ts";
export type { SecretOptions, SecretWarning } from "./secret-options.ts";
