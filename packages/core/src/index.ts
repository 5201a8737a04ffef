export {
  type Auth,
  type AuthOptions,
  type AuthStatus,
  createAuth,
  type GetTokenOptions,
  type LoginOptions,
  type LogoutReport,
} from "./auth.ts";
export { type CachedOptions, cached } from "./cached.ts";
export { chain } from "./chain.ts";
export { type Clock, systemClock } from "./clock.ts";
export type {
  AccessTokenCredential,
  ApiKeyCredential,
  ClientSecretCredential,
  Credential,
  CredentialFacts,
  PasswordCredential,
  PrivateKeyCredential,
  RefreshTokenCredential,
} from "./credential.ts";
export { type Action, decide, type Now, type Snapshot, type TokenTimes } from "./decide.ts";
export {
  type Attempt,
  AuthError,
  type AuthErrorCode,
  type AuthErrorOptions,
  isAuthError,
  toAuthError,
} from "./errors.ts";
export type { AuthEvent } from "./events.ts";
export { type ExplainOptions, explain } from "./explain.ts";
export { fixed } from "./fixed.ts";
export { fromAuth } from "./from-auth.ts";
export type {
  Grant,
  GrantContext,
  Interaction,
  InteractionStep,
  RequestParts,
  ResponseParts,
} from "./grant.ts";
export { apiKey, basic, bearer } from "./local-grants.ts";
export { memoryStore } from "./memory-store.ts";
export type { TokenPolicy } from "./policy.ts";
export type { Explanation, GetOptions, Provider, ServerAnswer, WritableProvider } from "./provider.ts";
export { decodeRecord, encodeRecord, type Provenance, type TokenRecord } from "./record.ts";
export { Secret } from "./secret.ts";
export { type Lease, type Lock, type LockWait, locked, type Stored, type TokenStore } from "./store.ts";
export { AccessToken, type AccessTokenFacts, type TokenSet } from "./token.ts";
