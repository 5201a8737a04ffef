import { AuthError, type Credential, isAuthError, type TokenStore, type WritableProvider } from "@auth/core";
import { parseJson, parsePayload } from "@auth/core/payload";
import type { Profile } from "./config/config.ts";

/**
 * What `auth login` was given for a grant that asks no server: a pasted token, an API key, a password. It is kept where tokens
 * are, for the grant and the origins that the profile has then: a profile of the same name that goes elsewhere does not inherit it
 * (SEC-119). What is damaged there is replaced by `set`. Errors: `ERR_AUTH_NOT_FOUND/not-logged-in`, those of the store.
 */
export function keptCredential(
  store: TokenStore,
  profile: string,
  { grant, origins = [] }: Profile,
): WritableProvider {
  const key = `credential ${profile}`;
  const name = `login ${profile}`;
  return {
    name,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const stored = await store.read(key);
      const kept = stored && unpack(stored.value);
      if (kept && isFor(kept)) return parsePayload(kept.credential, { source: name });
      const why = kept
        ? `what a login kept in ${store.name} is for another grant or other origins than the profile has now`
        : `nothing was kept by a login in ${store.name}`;
      throw new AuthError(
        "ERR_AUTH_NOT_FOUND",
        "not-logged-in",
        `${name}: ${why}. Run: auth login ${profile}`,
        { provider: name },
      );
    },
    async set(credential) {
      if ((await store.write(key, pack(credential), await generation())) !== undefined) return;
      throw new AuthError(
        "ERR_AUTH_UNREACHABLE",
        "store-contended",
        `${name}: another login was faster. Try again.`,
        { provider: name },
      );
    },
    delete: () => store.delete(key),
  };

  function pack(credential: Credential): string {
    return JSON.stringify({ grant: grant.type, origins, credential: payloadOf(credential) } satisfies Kept);
  }

  /** Fewer origins than there were are no others. */
  function isFor(kept: Kept): boolean {
    const within = origins.every((origin) => kept.origins.includes(origin));
    return kept.grant === grant.type && within && origins.length > 0 === kept.origins.length > 0;
  }

  /** Of what is to be replaced; of what is damaged, none: then the store keeps it aside (SEC-76). */
  async function generation(): Promise<string | undefined> {
    try {
      return (await store.read(key))?.generation;
    } catch (error) {
      if (isAuthError(error) && error.reason === "store-corrupted") return undefined;
      throw error;
    }
  }
}

interface Kept {
  readonly grant: string;
  readonly origins: readonly string[];
  /** As every source reads it. */
  readonly credential: string;
}

/** What is in no such form says not whose it is. */
function unpack(value: string): Kept {
  const { grant, origins, credential } = Object(parse(value)) as Partial<Kept>;
  return {
    grant: typeof grant === "string" ? grant : "",
    origins: Array.isArray(origins) ? origins : [],
    credential: typeof credential === "string" ? credential : "",
  };
}

function parse(value: string): unknown {
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}

/** JSON as every source reads it. */
function payloadOf(credential: Credential): string {
  switch (credential.type) {
    case "access-token":
      return JSON.stringify({ token: credential.token.reveal(), expiresAt: credential.expiresAt });
    case "api-key":
      return JSON.stringify({ api_key: credential.key.reveal() });
    case "password":
      return JSON.stringify({ username: credential.username, password: credential.password.reveal() });
    case "client-secret":
      return JSON.stringify({
        client_id: credential.clientId,
        client_secret: credential.clientSecret.reveal(),
      });
    default:
      throw new TypeError(`keptCredential: a ${credential.type} credential is for a server, and not kept`);
  }
}
