import { cached, type Provider } from "@auth/core";
import { type CredentialFields, parsePayload } from "@auth/core/payload";
import { readThing, type ThingClient } from "./read-thing.ts";

export interface FromThingOptions {
  /** The name of the secret. */
  readonly secret: string;
  /** Use only this part of a JSON secret: a top-level key, or a JSON Pointer (RFC 6901). */
  readonly field?: string | undefined;
  /** The secret's own names: our field → a key or a JSON Pointer of the secret. */
  readonly fields?: CredentialFields | undefined;
  /** How long a secret is kept before it is read again, in ms. Default 300000, five minutes; 0 keeps nothing. */
  readonly ttlMs?: number | undefined;
  /** A client of your own. Default: one that finds its settings as all programs of the vendor do. */
  readonly client?: ThingClient | undefined;
}

/**
 * Credentials from thing: a JSON secret with the usual names, or a bare token.
 *
 * Errors: `ERR_AUTH_NOT_FOUND/no-secret`; `ERR_AUTH_DENIED/permission-denied`; `ERR_AUTH_UNREACHABLE/network`, `/rate-limited`;
 * `ERR_AUTH_INVALID/payload-malformed`, `/half-credential`. `TypeError` for wrong options.
 *
 * @example
 * ```ts
 * const credentials = fromThing({ secret: "prod/acme" });
 * ```
 */
export function fromThing(options: FromThingOptions): Provider {
  // Not every caller has types.
  if (typeof options !== "object" || options === null)
    throw new TypeError('fromThing: give options as an object, such as { secret: "prod/acme" }');
  const { secret, field, fields, ttlMs = 300_000, client } = options;
  if (!(ttlMs >= 0)) throw new TypeError("fromThing: `ttlMs` is a time in ms");
  if (client !== undefined && typeof client?.getSecret !== "function")
    throw new TypeError("fromThing: `client` has no `getSecret`");
  if (typeof secret !== "string" || !/^[^\p{C}]*[^\p{C}\s][^\p{C}]*$/u.test(secret))
    throw new TypeError("fromThing: `secret` is the name of a secret");
  if (field !== undefined && fields) throw new TypeError("fromThing: give `field` or `fields`, not both");

  const name = `thing ${secret}`;
  const provider: Provider = {
    name,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const { text, version } = await readThing({ secret, source: name, client, signal });
      return parsePayload(text, { source: name, field, version, ...(fields && { fields }) });
    },
  };
  return cached(provider, { ttlMs });
}
