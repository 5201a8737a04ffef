export { apiUrl, type YakuOptions } from "./api-url.ts";
export { applicationToken } from "./application-token.ts";
export { applicationTokenId } from "./application-token-id.ts";
export type { ApplicationToken, ApplicationTokens, NewApplicationToken } from "./application-tokens.ts";
export { applicationTokens } from "./application-tokens.ts";
export type { ApiOptions } from "./call-api.ts";
export { admin, type DeviceLoginOptions, deviceLogin } from "./device-login.ts";
export { type Environment, environments, type YakurcOptions, yakurc } from "./yakurc.ts";
