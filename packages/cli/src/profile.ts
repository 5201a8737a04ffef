import {
  type Auth,
  AuthError,
  type AuthEvent,
  createAuth,
  isAuthError,
  type Provider,
  type Secret,
  type TokenStore,
  type WritableProvider,
} from "@auth/core";
import type { Profile } from "./config/config.ts";
import { credentialsOf, resolve } from "./credentials.ts";
import { keptCredential } from "./kept-credential.ts";
import { makeGrant } from "./make-grant.ts";
import { meantFor } from "./meant-for.ts";

export interface OpenProfile extends AsyncDisposable {
  readonly name: string;
  readonly profile: Profile;
  readonly auth: Auth;
  /** Every link, in the order it is asked. */
  readonly credentials: Provider;
  /** Where the client's own secret comes from, if it has one. */
  readonly clientSecret?: Provider;
  /** For grants that ask no server: where `auth login` leaves what it was given. */
  readonly kept?: WritableProvider;
  readonly store?: TokenStore;
}

export interface OpenOptions {
  /** For whom a person may be asked: `auth login`. */
  readonly asks?: boolean;
  /** Instead of the profile's: what standard input held. */
  readonly credentials?: Provider;
  /** Nothing will be sent, so the client's own secret is not read. */
  readonly looksOnly?: boolean;
  readonly onEvent?: (event: AuthEvent) => void;
  /** Says something to the person who is being asked. */
  readonly tell?: (text: string) => void;
}

/**
 * The `Auth` that a profile describes. Errors: `ERR_AUTH_INVALID/config` for what the packages behind it refuse, `/reference`,
 * `/unknown-scheme`.
 */
export async function openProfile(
  name: string,
  profile: Profile,
  { asks = false, credentials: given, looksOnly = false, onEvent, tell = () => {} }: OpenOptions = {},
): Promise<OpenProfile> {
  try {
    const clientSecret = await clientSecretOf(profile);
    const secret =
      clientSecret && (looksOnly ? failing(new Error("not read")) : await secretIn(clientSecret));
    const grant = await makeGrant(profile, secret);
    const store = await storeOf(profile);
    const kept = grant.local && store ? keptCredential(store, name) : undefined;
    const credentials = given ?? (await credentialsOf(profile, name, { asks, tell, kept }));
    const auth = createAuth({
      grant,
      credentials,
      name,
      ...(store && { store }),
      ...(onEvent && { onEvent }),
    });
    return {
      name,
      profile,
      auth,
      credentials,
      ...(clientSecret && { clientSecret }),
      ...(kept && { kept }),
      ...(store && { store }),
      async [Symbol.asyncDispose]() {
        await auth[Symbol.asyncDispose]();
        await credentials[Symbol.asyncDispose]?.();
        await store?.[Symbol.asyncDispose]?.();
      },
    };
  } catch (error) {
    // The factories' own complaints: they name options, and quote nothing.
    if (error instanceof TypeError && !isAuthError(error))
      throw new AuthError("ERR_AUTH_INVALID", "config", `The profile ${name}: ${error.message}.`);
    throw error;
  }
}

async function clientSecretOf({ grant }: Profile): Promise<Provider | undefined> {
  if (!("clientSecret" in grant) || grant.clientSecret === undefined) return undefined;
  // Whose secret it is may come with the credential; here only the secret matters.
  const { issuer, clientId = "?" } = grant;
  return meantFor({ type: "client-credentials", issuer, clientId }, await resolve(grant.clientSecret));
}

/**
 * The client's own secret. A failure to read it comes out when it is needed: a token that is still good needs none of it.
 */
async function secretIn(provider: Provider): Promise<Secret> {
  try {
    const credential = await provider.get();
    if (credential.type === "client-secret") return credential.clientSecret;
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "credential-type",
      `${provider.name}: holds a ${credential.type} credential where the client's own secret is expected.`,
      { provider: provider.name },
    );
  } catch (error) {
    return failing(error);
  }
}

function failing(error: unknown): Secret {
  return {
    reveal() {
      throw error;
    },
  };
}

async function storeOf({ store = { type: "token-file" } }: Profile): Promise<TokenStore | undefined> {
  if (store.type === "memory") return undefined;
  const { tokenFile } = await import("@auth/token-file");
  const { path } = store;
  if (path !== undefined && !/^(?:\/|~\/|[a-z]:[\\/])/i.test(path))
    throw new TypeError(
      "the store's path depends on where you are; write it from the root, or from your home: ~/…",
    );
  return tokenFile(path === undefined ? {} : { path });
}
