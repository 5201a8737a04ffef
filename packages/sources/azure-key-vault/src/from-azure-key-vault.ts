import { type Clock, cached, type Provider, systemClock } from "@auth/core";
import { type AzureCloud, findSecret, type SecretPlace } from "./find-secret.ts";
import { type AzureKeyVaultWarning, type ParseOptions, parseSecret } from "./parse-secret.ts";
import { secretReader } from "./read-secret.ts";
import type { AzureCredentialName, AzureIdentityOptions } from "./sign-in.ts";
import type { AzureKeyVaultClient, AzureTokenCredential } from "./vault-client.ts";

export interface FromAzureKeyVaultOptions extends ParseOptions {
  /** The name of the secret, or its identifier: `https://billing.vault.azure.net/secrets/db-password`, version or not. */
  readonly secret: string;
  /** The vault's name, host or https URL. Needed unless the identifier or `client` says it. */
  readonly vault?: string | undefined;
  /** This version of the secret. Default: the newest. */
  readonly version?: string | undefined;
  /** Where a vault that is given by its name lives. Default `"public"`. */
  readonly cloud?: AzureCloud | undefined;
  /**
   * Who reads: a `TokenCredential`, or one of `@azure/identity` by name, which must then be installed. Default `"default"`,
   * its `DefaultAzureCredential`.
   */
  readonly credential?: AzureTokenCredential | AzureCredentialName | undefined;
  /** Tenant and client of a credential that is given by name. Default: what the environment says. */
  readonly identity?: AzureIdentityOptions | undefined;
  /** How long a secret is kept before it is read again, in ms, less a random tenth. Default 300000, five minutes; 0 keeps nothing. */
  readonly ttlMs?: number | undefined;
  /** How long after that the old one is served while the vault is away or throttles, in ms. Default 3600000, one hour. */
  readonly staleMs?: number | undefined;
  /** The longest that one HTTP attempt may take, in ms. Default 10000; at most 60000. */
  readonly timeoutMs?: number | undefined;
  /** Told of each finding once: a secret outside its dates, an old value that is served. Default: nobody is. */
  readonly onWarning?: ((warning: AzureKeyVaultWarning) => void) | undefined;
  /** A `SecretClient` of your own, for one vault that many secrets are read from. It is used as it is, and never disposed. */
  readonly client?: AzureKeyVaultClient | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/**
 * Credentials from Azure Key Vault: a JSON secret with the usual names, or a secret whose meaning is declared. The vault's
 * version travels as `version`, its expiry date as `expiresAt`. Nothing is loaded or read before the first `get`.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/no-secret`, `/no-field`; `ERR_AUTH_UNAVAILABLE/missing-package`, `/no-identity`;
 * `ERR_AUTH_INVALID/package-broken`, `/payload-malformed`, `/half-credential`, `/secret-expired`, `/secret-not-yet-valid`, `/bad-request`,
 * `/challenge-resource`, `/redirect`, `/malformed-response`, `/response-too-large`; `ERR_AUTH_DENIED/secret-disabled`,
 * `/no-role`, `/no-policy`, `/network-blocked`, `/permission-denied`, `/wrong-tenant`, `/token-refused`, `/sign-in-refused`;
 * `ERR_AUTH_INTERACTION_REQUIRED/login-needed`; `ERR_AUTH_UNREACHABLE/network`, `/timeout`, `/server-error`,
 * `/rate-limited`, `/no-identity`. `TypeError` for options that contradict each other.
 *
 * Source: learn.microsoft.com/rest/api/keyvault/secrets/get-secret.
 *
 * @example
 * ```ts
 * const credentials = fromAzureKeyVault({ vault: "billing", secret: "acme-client", credential: "managed-identity" });
 * ```
 */
export function fromAzureKeyVault(options: FromAzureKeyVaultOptions): Provider & AsyncDisposable {
  const place = check(options);
  const { client, credential = "default", identity = {}, onWarning, clock = systemClock } = options;
  const { ttlMs = 300_000, staleMs = 3_600_000, timeoutMs = 10_000 } = options;
  const name = nameOf(place);
  const told = new Set<string>();
  const warn = (warning: AzureKeyVaultWarning, finding: string = warning.message): void => {
    if (told.has(finding)) return;
    told.add(finding);
    try {
      onWarning?.(warning);
    } catch {
      // a listener's failure is no failure of the vault's (SEC-117)
    }
  };
  /** Wall clock, ms since 1970: from then on there is nothing old to serve, whatever `ttlMs` and `staleMs` say. */
  let endsAt = Number.POSITIVE_INFINITY;
  const reader = secretReader({
    place: { ...place, source: name },
    client,
    credential,
    identity,
    clock,
    timeoutMs,
    servedMs: ttlMs + staleMs,
    onStale: ({ message }) =>
      warn(
        { reason: outage, message: `${message} Until then the value read before is served.` },
        outage, // one finding, whatever its failures and the ids of their requests are
      ),
  });
  const provider: Provider = {
    name,
    async get({ forceRefresh = false } = {}) {
      const secret = await reader.read(forceRefresh || clock.now() >= endsAt);
      told.delete(outage); // the next one is news
      const credential = parseSecret(secret, { ...options, source: name, now: clock.now(), warn });
      endsAt = credential.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      return credential;
    },
    async [Symbol.asyncDispose]() {
      reader.dispose();
    },
  };
  // A fleet that was started at once does not read at once for ever.
  const jitter = 1 - clock.random() / 10;
  return cached(provider, { ttlMs: ttlMs * jitter, staleMs, clock }) as Provider & AsyncDisposable;
}

const outage = "serving-stale";

function nameOf({ vaultUrl, name, version }: SecretPlace): string {
  const vault = vaultUrl === undefined ? "" : `${vaultUrl.replace("https://", "")}/`;
  return `azure-kv ${vault}${name}${version === undefined ? "" : `/${version}`}`;
}

/** What each meaning of a text needs beside it. */
const partners = { password: "username", clientSecret: "clientId", privateKey: "clientId" } as const;

const choices = {
  bare: ["token", "apiKey", "refreshToken", ...Object.keys(partners)],
  encoding: ["utf8", "base64"],
  validity: ["error", "warn", "ignore"],
} as const;

const credentialNames: readonly string[] = [
  "default",
  "cli",
  "managed-identity",
  "workload-identity",
  "environment",
] satisfies AzureCredentialName[];

function check(options: FromAzureKeyVaultOptions): SecretPlace {
  if (typeof options !== "object" || options === null)
    fail('give it options, in an object: fromAzureKeyVault({ vault: "billing", secret: "acme-client" })');
  const { client, credential, bare = "token", field, fields } = options;
  const place = findSecret({ ...options, vault: options.vault ?? client?.vaultUrl });
  if (client && typeof client.getSecret !== "function") fail("`client` is a SecretClient");
  if (client && (credential !== undefined || options.identity))
    fail("`client` has a credential already; give no `credential` and no `identity` beside it");
  if (!client && place.vaultUrl === undefined)
    fail("`vault` is missing: give its name, its host, or the secret's https identifier");
  if (
    typeof credential === "string"
      ? !credentialNames.includes(credential)
      : credential && !hasGetToken(credential)
  )
    fail(`\`credential\` is a TokenCredential, or one of ${credentialNames.join(", ")}`);
  if (typeof credential === "object" && options.identity)
    fail("`identity` goes with a credential that is given by name");
  for (const [option, values] of Object.entries(choices)) {
    const value = options[option as keyof typeof choices];
    if (value !== undefined && !(values as readonly string[]).includes(value))
      fail(`\`${option}\` is one of ${values.join(", ")}`);
  }
  for (const option of ["ttlMs", "staleMs"] as const)
    if (options[option] !== undefined && !(options[option] >= 0))
      fail(`\`${option}\` is a time in ms, 0 or more`);
  if (options.timeoutMs !== undefined && !(options.timeoutMs >= 1 && options.timeoutMs <= 60_000))
    fail("`timeoutMs` is a time from 1 to 60000 ms");
  if (options.onWarning !== undefined && typeof options.onWarning !== "function")
    fail("`onWarning` is a function");
  if (fields !== undefined && (typeof fields !== "object" || fields === null)) fail("`fields` is an object");
  if (field !== undefined && typeof field !== "string") fail("`field` is a text");
  if (options.identity !== undefined && (typeof options.identity !== "object" || options.identity === null))
    fail("`identity` is an object");
  if (field !== undefined && fields) fail("give `field` or `fields`, not both");

  const partner = bare in partners ? partners[bare as keyof typeof partners] : undefined;
  if (partner && !options[partner]?.trim()) fail(`bare: "${bare}" needs \`${partner}\``);
  if (partner && (field !== undefined || fields))
    fail(`bare: "${bare}" takes the whole secret as text, without \`field\` and \`fields\``);
  const taken: readonly string[] = [partner ?? "", ...(bare === "privateKey" ? ["keyId", "algorithm"] : [])];
  for (const part of ["username", "clientId", "keyId", "algorithm"] as const)
    if (options[part] !== undefined && !taken.includes(part))
      fail(`\`${part}\` does not go with bare: "${bare}"`);
  return place;
}

const hasGetToken = (credential: AzureTokenCredential): boolean => typeof credential.getToken === "function";

function fail(problem: string): never {
  throw new TypeError(`fromAzureKeyVault: ${problem}`);
}
