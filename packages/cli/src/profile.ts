import {
  type Auth,
  AuthError,
  type AuthEvent,
  type AuthOptions,
  createAuth,
  isAuthError,
  type Provider,
  type Secret,
  type TokenStore,
  type WritableProvider,
} from "@auth/core";
import type { Declared, Profile } from "./config/config.ts";
import { isPasted, logsInByCode } from "./credential-type.ts";
import { byPerson, credentialsOf, resolve } from "./credentials.ts";
import { keptCredential } from "./kept-credential.ts";
import { type LookingClock, lookingClock } from "./looking-clock.ts";
import { makeGrant } from "./make-grant.ts";
import { meantFor } from "./meant-for.ts";
import { storeOf } from "./store-of.ts";

export interface OpenProfile extends AsyncDisposable {
  readonly name: string;
  readonly profile: Profile;
  readonly auth: Auth;
  /** Unless the service's package makes the `Auth` by itself. */
  readonly grant?: AuthOptions["grant"];
  /** Every link, in the order it is asked. */
  readonly credentials: Provider;
  /** Where the client's own secret comes from, if it has one. */
  readonly clientSecret?: Provider;
  /** For grants that ask no server: where `auth login` leaves what it was given. */
  readonly kept?: WritableProvider;
  readonly store?: TokenStore;
  /** The `Auth`'s, where nothing will be sent. */
  readonly clock?: LookingClock;
}

export interface OpenOptions {
  /** For whom a person may be asked: `auth login`. */
  readonly asks?: boolean;
  /** What would ask a person counts as a source that has nothing, and the others are asked: `auth logout`. */
  readonly unattended?: boolean;
  /** Instead of the profile's: what standard input held. */
  readonly credentials?: Provider;
  /** Nothing will be sent, so the client's own secret is not read. */
  readonly looksOnly?: boolean;
  readonly declared?: Declared;
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
  options: OpenOptions = {},
): Promise<OpenProfile> {
  const { asks = false, unattended = false, credentials: given, looksOnly = false } = options;
  const { declared = {}, onEvent, tell = () => {} } = options;
  try {
    if (!given && isPasted(profile)) {
      const { openPasted } = await import("./pasted-login.ts");
      return await openPasted(name, profile, options);
    }
    const clientSecret = await clientSecretOf(profile, declared);
    const secret =
      clientSecret && (looksOnly ? failing(new Error("not read")) : await secretIn(clientSecret));
    const byCode = !given && logsInByCode(profile);
    const grant = await makeGrant(profile, { clientSecret: secret, byCode });
    const store = await storeOf(profile, tell);
    const kept = grant.local && store ? keptCredential(store, name, profile) : undefined;
    const credentials =
      given ??
      (byCode && profile.credentials === undefined
        ? byPerson(name)
        : await credentialsOf(profile, name, { asks, unattended, tell, kept, declared }));
    const clock = looksOnly ? lookingClock() : undefined;
    const auth = createAuth({
      grant,
      credentials,
      name,
      ...(clock && { clock }),
      ...(store && { store }),
      ...(onEvent && { onEvent }),
    });
    return {
      name,
      profile,
      auth,
      grant,
      credentials,
      ...(clientSecret && { clientSecret }),
      ...(kept && { kept }),
      ...(store && { store }),
      ...(clock && { clock }),
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

async function clientSecretOf({ grant }: Profile, declared: Declared): Promise<Provider | undefined> {
  if (!("clientSecret" in grant) || grant.clientSecret === undefined) return undefined;
  // Whose secret it is may come with the credential; here only the secret matters.
  const { issuer, clientId = "?" } = grant;
  return meantFor(
    { type: "client-credentials", issuer, clientId },
    await resolve(grant.clientSecret, declared),
  );
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
