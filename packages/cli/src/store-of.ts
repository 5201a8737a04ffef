import { AuthError, type TokenStore } from "@auth/core";
import type { Profile } from "./config/config.ts";
import { isMissing } from "./schemes.ts";

/** Where the profile's tokens are kept; nothing: in memory. Errors: `ERR_AUTH_UNAVAILABLE/no-package`. */
export async function storeOf({ store = { type: "token-file" } }: Profile): Promise<TokenStore | undefined> {
  if (store.type === "memory") return undefined;
  const { fileLock, tokenFile } = await import("@auth/token-file");
  if (store.type === "keychain") {
    const { service = "auth" } = store;
    const { keychainStore } = await import("@auth/keychain").catch((error: unknown) => {
      throw isMissing(error, "@auth/keychain") ? notInstalled() : error;
    });
    // Keychains have no lock of their own.
    return keychainStore({ service, lock: fileLock({ directory: "~/.local/state/auth/locks" }) });
  }
  const { path } = store;
  if (path !== undefined && !/^(?:\/|~\/|[a-z]:[\\/])/i.test(path))
    throw new TypeError(
      "the store's path depends on where you are; write it from the root, or from your home: ~/…",
    );
  return tokenFile(path === undefined ? {} : { path });
}

function notInstalled(): AuthError {
  const what =
    "The profile's store is the keychain, and @auth/keychain is not installed. Install it beside @auth/cli.";
  return new AuthError("ERR_AUTH_UNAVAILABLE", "no-package", what);
}
