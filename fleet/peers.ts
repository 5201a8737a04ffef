import { callAfter, callAt, type Policy } from "./policy.ts";

/** Asks when a call comes within `aheadMs` of the expiry, and lets that call wait, and fail, with the request. */
function onDemand(name: string, aheadMs: number): Policy {
  return {
    name,
    firstAt: (member) => callAt(member, member.expiresAt - aheadMs),
    nextAt: callAfter,
    hurts: () => true,
  };
}

/**
 * How five well-known libraries renew a token without being told anything else. What a library repeats within one request for a
 * token is left out, for all of them and for us.
 */
export const peers: readonly Policy[] = [
  // Azure/azure-sdk-for-js, sdk/core/core-rest-pipeline/src/util/tokenCycler.ts, DEFAULT_CYCLER_OPTIONS: refreshWindowInMs 2 min,
  // retryIntervalInMs 3 s in the background until the token has expired; then each call asks, and fails.
  {
    name: "@azure/core-rest-pipeline",
    firstAt: (member) => callAt(member, member.expiresAt - 120_000),
    nextAt: (member, failedAt) =>
      failedAt < member.expiresAt ? failedAt + 3_000 : callAfter(member, failedAt),
    hurts: (member, failedAt) => failedAt >= member.expiresAt,
  },
  // googleapis/google-auth-library-nodejs, src/auth/authclient.ts, DEFAULT_EAGER_REFRESH_THRESHOLD_MILLIS = 5 min;
  // src/auth/oauth2client.ts, getRequestMetadataAsync: throws what the refresh threw.
  onDemand("google-auth-library", 300_000),
  // smithy-lang/smithy-typescript, packages/core/src/util-identity-and-auth/memoizeIdentityProvider.ts, EXPIRATION_MS = 300000: waits
  // for the provider, and throws what it threw.
  onDemand("@smithy/core", 300_000),
  // AzureAD/microsoft-authentication-library-for-js, lib/msal-common/src/config/ClientConfiguration.ts,
  // DEFAULT_TOKEN_RENEWAL_OFFSET_SEC = 300; lib/msal-node/src/client/ClientCredentialClient.ts: nearer than that counts as expired.
  onDemand("@azure/msal-node", 300_000),
  // badgateway/oauth2-client, src/fetch-wrapper.ts, scheduleRefresh: a timer 1 min before the expiry, which is not set again when it
  // failed; getToken: from the expiry on each call asks.
  {
    name: "@badgateway/oauth2-client",
    firstAt: (member) => member.expiresAt - 60_000,
    nextAt: (member, failedAt) => callAt(member, Math.max(member.expiresAt, failedAt + 1)),
    hurts: (member, failedAt) => failedAt >= member.expiresAt,
  },
];
