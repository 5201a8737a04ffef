// An app as it is shipped in one file: it logs in, keeps the login, and calls its API. One line says what became of that.
import { createAuth, isAuthError, type TokenStore } from "@auth/core";
import { fromEnv } from "@auth/env";
import { createFetch } from "@auth/fetch";
import { keychainStore } from "@auth/keychain";
import { refreshToken } from "@auth/oauth/refresh-token";
import { fileLock, tokenFile } from "@auth/token-file";

/** Handed in by the variant of this app that brings the module which speaks to the keychain. */
type Keyring = NonNullable<Parameters<typeof keychainStore>[0]>["client"];

const { ISSUER = "", API = "", STORE, PLACE = "" } = process.env;

function storeOf(keyring: Keyring | undefined): TokenStore {
  if (STORE === "token-file") return tokenFile({ path: `${PLACE}/tokens.json` });
  const lock = fileLock({ directory: `${PLACE}/locks` });
  return keychainStore({ service: "acme", lock, ...(keyring && { backend: "napi", client: keyring }) });
}

export async function main(keyring?: Keyring): Promise<void> {
  // Whatever starts an app from within itself must not go round in circles: each start leaves a mark for whoever counts.
  await fetch(`${API}/starts`, { method: "POST" });
  try {
    await using auth = createAuth({
      grant: refreshToken({ issuer: ISSUER }),
      credentials: fromEnv({ prefix: "ACME" }),
      store: storeOf(keyring),
      name: "work",
    });
    const api = createFetch(auth, { origins: [API] });
    const answer = await api(`${API}/orders`);
    console.log(`${answer.status} ${await answer.text()}`);
  } catch (error) {
    if (!isAuthError(error)) throw error;
    console.log(`${error.code}/${error.reason} ${error.message}`);
  }
}
