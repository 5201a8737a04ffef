/** A cloud of Azure: where its vaults live. */
export type AzureCloud = "public" | "usgov" | "china";

/** One secret of one vault. */
export interface SecretPlace {
  /** `https://billing.vault.azure.net`, without a slash at the end. Absent where a client is given that does not tell. */
  readonly vaultUrl: string | undefined;
  readonly name: string;
  /** Absent: the newest one. */
  readonly version: string | undefined;
}

export interface SecretNames {
  readonly secret: string;
  readonly vault?: string | undefined;
  readonly version?: string | undefined;
  readonly cloud?: AzureCloud | undefined;
}

const suffixes: Readonly<Record<AzureCloud, string>> = {
  public: "vault.azure.net",
  usgov: "vault.usgovcloudapi.net",
  china: "vault.azure.cn",
};

const authority = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.?(?::\d{1,5})?$/i;
/** What looks like an authority may still be no host, and has a port that there is not. */
const isHost = (text: string): boolean => authority.test(text) && URL.canParse(`https://${text}`);

const identifier = /^https:\/\/([^/]*)\/([^/]*)\/([^/]*)(?:\/([^/]*))?\/?$/i;

/**
 * Which secret the names mean. Names of vaults and secrets have no case, so they come back in lower case. Throws `TypeError`,
 * which quotes nothing: what was given may be the secret itself.
 *
 * Source: learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates, "Vault-name and Object-name".
 */
export function findSecret({ secret, vault, version, cloud }: SecretNames): SecretPlace {
  if (cloud !== undefined && !Object.hasOwn(suffixes, cloud))
    fail("`cloud` is one of public, usgov, china; for another one give the whole host as `vault`");
  if (typeof secret !== "string") fail("`secret` is the name of a secret, or its https identifier");
  const own = vault === undefined ? undefined : vaultUrlOf(vault, cloud);
  if (!/^https:/i.test(secret)) {
    return { vaultUrl: own, name: nameOf(secret), version: versionOf(version) };
  }
  const [, host = "", collection, name = "", part] = identifier.exec(secret) ?? [];
  if (!isHost(host)) fail("the identifier looks like https://VAULT.vault.azure.net/secrets/NAME/VERSION");
  if (collection?.toLowerCase() !== "secrets")
    fail(
      "the identifier is one of a key or certificate; what a certificate keeps is at /secrets/ under the same name",
    );
  const vaultUrl = `https://${canonical(host)}`;
  if (own !== undefined && own !== vaultUrl) fail("`vault` is another one than the identifier's");
  const stated = versionOf(part || undefined);
  const asked = versionOf(version);
  if (stated !== undefined && asked !== undefined && stated !== asked)
    fail("`version` is another one than the identifier's");
  return { vaultUrl, name: nameOf(name), version: stated ?? asked };
}

/** The cloud that a vault's host belongs to, by its suffix. */
export function cloudOf(vaultUrl: string): AzureCloud | undefined {
  const { hostname } = new URL(vaultUrl);
  return (Object.keys(suffixes) as AzureCloud[]).find((cloud) => hostname.endsWith(`.${suffixes[cloud]}`));
}

/** A vault by its name, host or URL. */
function vaultUrlOf(vault: string, cloud: AzureCloud = "public"): string {
  if (typeof vault !== "string") fail("`vault` is a vault's name, host or https URL");
  const [, scheme, rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(vault) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== "https") fail("`vault` is reached by https only");
  const host = rest.replace(/\/$/, "");
  if (!isHost(host)) fail("`vault` is a vault's name, host or https URL, without path, user or query");
  if (scheme !== undefined || /[.:]/.test(host)) return `https://${canonical(host)}`;
  if (!/^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i.test(host))
    fail("a vault's name has 3 to 24 letters, digits and hyphens, and begins with a letter");
  return `https://${canonical(host)}.${suffixes[cloud]}`;
}

function canonical(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.(?=:|$)/, "")
    .replace(/:443$/, "");
}

function nameOf(name: string): string {
  if (!/^[a-z0-9-]{1,127}$/i.test(name)) fail("a secret's name has 1 to 127 letters, digits and hyphens");
  return name.toLowerCase();
}

function versionOf(version: string | undefined): string | undefined {
  if (version === undefined) return undefined;
  if (typeof version !== "string" || !/^[a-z0-9]{1,64}$/i.test(version))
    fail("`version` is the id of a version: letters and digits");
  return version.toLowerCase();
}

function fail(problem: string): never {
  throw new TypeError(`fromAzureKeyVault: ${problem}`);
}
