export { type ClientCredentialsOptions, clientCredentials } from "./client-credentials.ts";
export type { AssertionAudience, ClientAuthMethod, ClientOptions } from "./client-options.ts";
export { type DeviceCodeOptions, deviceCode } from "./device-code.ts";
export type { AttemptLimits, HttpOptions } from "./limits.ts";
export { type PrivateKeyJwtOptions, privateKeyJwt } from "./private-key-jwt.ts";
export { type RefreshTokenOptions, refreshToken } from "./refresh-token.ts";
export type { Refusals } from "./refusal.ts";
export type { GrantOptions } from "./settings.ts";
