import type { TokenStore } from "@auth/core";
import type { Profile } from "./config/config.ts";
import { optional } from "./optional.ts";

/** Where the profile's tokens are kept; nothing: in memory. Errors: `ERR_AUTH_UNAVAILABLE/missing-package`. */
export async function storeOf(
  profile: Profile,
  tell: (text: string) => void,
): Promise<TokenStore | undefined> {
  const { store = { type: "token-file" } } = profile;
  if (store.type === "memory") return undefined;
  const { fileLock, tokenFile } = await import("@auth/token-file");
  if (store.type === "keychain") {
    const { service = "auth" } = store;
    const who = "The profile's store is the keychain";
    const { keychainStore } = await optional("@auth/keychain", who, () => import("@auth/keychain"));
    // Keychains have no lock of their own.
    return keychainStore({ service, lock: fileLock({ directory: "~/.local/state/auth/locks" }) });
  }
  const { path } = store;
  if (path !== undefined && !/^(?:\/|~\/|[a-z]:[\\/])/i.test(path))
    throw new TypeError(
      "the store's path depends on where you are; write it from the root, or from your home: ~/…",
    );
  if (store.type === "shared") return sharedStore(profile, { path }, tell);
  return tokenFile(path === undefined ? {} : { path });
}

/** The file in which the service's own tools keep a login, so that either uses what the other has. */
async function sharedStore(
  { grant, allowInsecureOrigins }: Profile,
  file: { readonly path: string | undefined },
  tell: (text: string) => void,
): Promise<TokenStore> {
  const onWarning = ({ message }: { readonly message: string }): void => tell(message);
  const more = { ...file, onWarning, ...(allowInsecureOrigins && { allowInsecureOrigins }) };
  const who = `The profile's grant is ${grant.type}`;
  if (grant.type === "yaku") {
    const { yakurc } = await optional("@auth/yaku", who, () => import("@auth/yaku"));
    return yakurc({ ...more, url: grant.url });
  }
  if (grant.type === "yamcs" && grant.become === undefined) {
    const { credentialsFile } = await optional("@auth/yamcs", who, () => import("@auth/yamcs"));
    return credentialsFile({ ...more, url: grant.url, tls: grant.tls });
  }
  throw new TypeError(
    'a store of type "shared" is for yaku, for user accounts of yamcs, and for descartes-labs without credentials',
  );
}
