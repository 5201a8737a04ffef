import { cached, type Provider } from "@auth/core";
import { type CredentialFields, parsePayload } from "@auth/core/payload";
import { type AzureKeyVaultClient, readAzureKeyVault } from "./read-azure-key-vault.ts";

export interface FromAzureKeyVaultOptions {
  /** The name of the secret. */
  readonly secret: string;
  /** Use only this part of a JSON secret: a top-level key, or a JSON Pointer (RFC 6901). */
  readonly field?: string | undefined;
  /** The secret's own names: our field → a key or a JSON Pointer of the secret. */
  readonly fields?: CredentialFields | undefined;
  /** How long a secret is kept before it is read again, in ms. Default 300000, five minutes; 0 keeps nothing. */
  readonly ttlMs?: number | undefined;
  /** A client of your own. Default: one that finds its settings as all programs of the vendor do. */
  readonly client?: AzureKeyVaultClient | undefined;
}

/**
 * Credentials from azure-key-vault: a JSON secret with the usual names, or a bare token.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/no-secret`; `ERR_AUTH_DENIED/forbidden`; `ERR_AUTH_UNREACHABLE/read-failed`;
 * `ERR_AUTH_INVALID/payload-malformed`, `/half-credential`. `TypeError` for wrong options.
 *
 * @example
 * ```ts
 * const credentials = fromAzureKeyVault({ secret: "prod/acme" });
 * ```
 */
export function fromAzureKeyVault(options: FromAzureKeyVaultOptions): Provider {
  const { secret, field, fields, ttlMs = 300_000, client } = options;
  if (typeof secret !== "string" || !/^[^\p{C}]+$/u.test(secret))
    throw new TypeError("fromAzureKeyVault: `secret` is the name of a secret");
  if (field !== undefined && fields)
    throw new TypeError("fromAzureKeyVault: give `field` or `fields`, not both");

  const name = `azure-key-vault ${secret}`;
  const provider: Provider = {
    name,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const { text, version } = await readAzureKeyVault({ secret, source: name, client, signal });
      return parsePayload(text, { source: name, field, version, ...(fields && { fields }) });
    },
  };
  return cached(provider, { ttlMs });
}
