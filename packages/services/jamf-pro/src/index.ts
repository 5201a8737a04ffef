export type { JamfProOptions } from "./address.ts";
export { type ApiClientOptions, apiClient } from "./api-client.ts";
export type { BasicEncoding } from "./basic-header.ts";
export { isExpired, secondsRemaining } from "./seconds-remaining.ts";
export { type UserAccountOptions, userAccount } from "./user-account.ts";
export { type WhoAmIOptions, whoAmI } from "./who-am-i.ts";
