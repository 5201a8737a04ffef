import { AuthError, type Credential, isAuthError, type TokenStore, type WritableProvider } from "@auth/core";
import { parsePayload } from "@auth/core/payload";

/**
 * What `auth login` was given for a grant that asks no server: a pasted token, an API key, a password. It is kept where tokens
 * are. What is damaged there is replaced by `set`. Errors: `ERR_AUTH_NOT_FOUND/not-logged-in`, those of the store.
 */
export function keptCredential(store: TokenStore, profile: string): WritableProvider {
  const key = `credential ${profile}`;
  const name = `login ${profile}`;
  return {
    name,
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const stored = await store.read(key);
      if (stored) return parsePayload(stored.value, { source: name });
      throw new AuthError(
        "ERR_AUTH_NOT_FOUND",
        "not-logged-in",
        `${name}: nothing was kept by a login in ${store.name}. Run: auth login ${profile}`,
        { provider: name },
      );
    },
    async set(credential) {
      if ((await store.write(key, payloadOf(credential), await generation())) !== undefined) return;
      throw new AuthError(
        "ERR_AUTH_UNREACHABLE",
        "store-contended",
        `${name}: another login was faster. Try again.`,
        { provider: name },
      );
    },
    delete: () => store.delete(key),
  };

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
