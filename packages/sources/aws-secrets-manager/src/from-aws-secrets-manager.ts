import type { Provider } from "@auth/core";
import { type SecretsManagerClientLike, sdkTransport } from "./sdk-transport.ts";
import { checkGiven, regionOf, type SecretOptions } from "./secret-options.ts";
import { secretProvider } from "./secret-provider.ts";

export interface FromAwsSecretsManagerOptions extends SecretOptions {
  /** Where the secret lies. Default: the region of the ARN, or else what the SDK finds (`AWS_REGION`, the profile, the machine). */
  readonly region?: string | undefined;
  /** How often one read is tried at most, 1 to 3. Default 3. A client of your own keeps its own rule. */
  readonly attempts?: number | undefined;
  /** A `SecretsManagerClient` of your own: it is used as it is, and never destroyed. Default: one is made at the first read. */
  readonly client?: SecretsManagerClientLike | undefined;
}

/**
 * Credentials from AWS Secrets Manager, through the vendor's SDK, which is loaded at the first read and signs in the way
 * it always does. A JSON secret with the usual names, a part of one, or bare text; also binary secrets that hold text.
 *
 * One read serves all who ask, for five minutes (`ttlMs`); while AWS is out of reach or throttles, the old value is served
 * for another hour (`staleMs`). `forceRefresh` reads past both, which is how a rotated secret heals: `createAuth` does so
 * once when a server refuses the credential (SEC-69). The credential's `version` is AWS's version id.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/no-secret`, `/no-version`, `/no-field`; `ERR_AUTH_UNAVAILABLE/no-identity`,
 * `/no-home`, `/missing-package`; `ERR_AUTH_INVALID/package-broken` for an SDK that cannot be loaded;
 * `ERR_AUTH_DENIED/permission-denied`, `/kms-denied`, `/sign-in-refused`, `/unreadable`; `ERR_AUTH_INTERACTION_REQUIRED/login-needed`;
 * `ERR_AUTH_INVALID/pending-deletion`, `/decryption-failed`, `/bad-request`, `/no-region`, `/region-conflict`, `/not-utf8`,
 * `/payload-malformed`, `/half-credential`, `/no-profile`, `/malformed-response`, `/response-too-large`, `/redirect`,
 * `/insecure-transport`; `ERR_AUTH_UNREACHABLE/rate-limited`, `/server-error`, `/timeout`, `/network`, `/no-identity`.
 * `TypeError` for options that cannot work.
 *
 * Source: AWS Secrets Manager API Reference, GetSecretValue (API version 2017-10-17).
 *
 * @example
 * ```ts
 * const credentials = fromAwsSecretsManager({ secretId: "prod/acme", region: "eu-west-1" });
 * const auth = createAuth({ grant: clientCredentials({ issuer }), credentials });
 * ```
 */
export function fromAwsSecretsManager(options: FromAwsSecretsManagerOptions): Provider & AsyncDisposable {
  checkGiven("fromAwsSecretsManager", options);
  const { secretId, client, attempts = 3 } = options;
  const demand = (good: boolean, problem: string): void => {
    if (!good) throw new TypeError(`fromAwsSecretsManager: ${problem}`);
  };
  demand(options.region === undefined || /^[a-z]{2}[a-z\d-]+$/.test(options.region), "`region` is no region");
  demand(!client || typeof client.send === "function", "`client` is no SecretsManagerClient");
  demand(!client || options.region === undefined, "`client` has its own region; leave `region` out");
  demand(Number.isInteger(attempts) && attempts >= 1 && attempts <= 3, "`attempts` is 1, 2 or 3");
  const region = regionOf(secretId) ?? options.region;
  demand(options.region === undefined || options.region === region, "`region` is not the region of the ARN");
  return secretProvider("fromAwsSecretsManager", options, {
    place: region ?? "",
    // A client of one's own repeats requests by itself: together they would be too many (L3).
    attempts: client ? 1 : attempts,
    transport: (name) => sdkTransport({ name, region, client }),
  });
}
