import { type AzureCloud, cloudOf } from "./find-secret.ts";
import { loadFailure } from "./load-failure.ts";
import type { ReadPlace } from "./to-auth-error.ts";
import { noIdentity, toSignInError } from "./to-sign-in-error.ts";
import type { AzureTokenCredential, AzureTokenRequest } from "./vault-client.ts";

/** A way to sign in that `@azure/identity` knows. */
export type AzureCredentialName =
  | "default"
  | "cli"
  | "managed-identity"
  | "workload-identity"
  | "environment";

/** Which identity, where a machine has several. */
export interface AzureIdentityOptions {
  /** The tenant to sign in to. */
  readonly tenantId?: string | undefined;
  /** The application, or the managed identity that a user assigned. */
  readonly clientId?: string | undefined;
}

export interface SignInRules {
  readonly place: ReadPlace;
  readonly credential: AzureTokenCredential | AzureCredentialName;
  readonly identity: AzureIdentityOptions;
  /** Aborted: nothing is read any more. */
  readonly signal: AbortSignal;
  /** The vault refused the last token: a new one is wanted, not the one that is kept. Wall clock, ms since 1970. */
  readonly renewAt?: number | undefined;
}

/** Entra ID outside the public cloud; `AZURE_AUTHORITY_HOST` goes before it. */
const authorities: { readonly [cloud in AzureCloud]?: string } = {
  usgov: "https://login.microsoftonline.us",
  china: "https://login.chinacloudapi.cn",
};

/**
 * The credential that the vault's client asks for tokens: the caller's, or a named one of `@azure/identity`, which is loaded
 * here. What goes wrong in it is told apart from what goes wrong at the vault.
 */
export async function signIn(rules: SignInRules): Promise<AzureTokenCredential> {
  const { place, credential, signal, renewAt } = rules;
  const named = typeof credential === "string";
  const source = named ? await load(credential, rules) : credential;
  // A named credential was made anew, its memory with it. One that was given is asked in the words of a claims challenge
  // (learn.microsoft.com/entra/identity-platform/claims-challenge) for a token that is not older than this moment.
  const fresh: AzureTokenRequest =
    renewAt === undefined || named
      ? {}
      : { claims: `{"access_token":{"nbf":{"essential":true,"value":"${Math.floor(renewAt / 1_000)}"}}}` };
  return {
    async getToken(scopes, options) {
      // The SDK repeats a failed renewal in the background every three seconds; this ends that.
      if (signal.aborted) return { token: "", expiresOnTimestamp: 0 };
      try {
        const token = await source.getToken(scopes, { ...fresh, ...compact(options) });
        if (typeof token?.token === "string" && token.token !== "") return token;
      } catch (thrown) {
        throw toSignInError(thrown, place);
      }
      throw noIdentity(place, "the credential gave no token. Sign in, or give another one", undefined);
    },
  };
}

async function load(
  name: AzureCredentialName,
  { place, identity }: SignInRules,
): Promise<AzureTokenCredential> {
  const { tenantId, clientId } = identity;
  const cloud = place.vaultUrl && cloudOf(place.vaultUrl);
  const authorityHost =
    process.env["AZURE_AUTHORITY_HOST"] === undefined && cloud ? authorities[cloud] : undefined;
  const options = compact({ tenantId, authorityHost });
  const azure = await import("@azure/identity").catch((thrown: unknown) => {
    const advice = `to sign in with "${name}" needs it; or give a \`credential\` of your own`;
    throw loadFailure(thrown, "@azure/identity", place.source, advice);
  });
  try {
    const make: Readonly<Record<AzureCredentialName, () => AzureTokenCredential>> = {
      default: () =>
        new azure.DefaultAzureCredential({
          ...options,
          ...(clientId !== undefined && {
            managedIdentityClientId: clientId,
            workloadIdentityClientId: clientId,
          }),
        }),
      cli: () => new azure.AzureCliCredential(options),
      "managed-identity": () => new azure.ManagedIdentityCredential(compact({ clientId })),
      "workload-identity": () =>
        new azure.WorkloadIdentityCredential({ ...options, ...compact({ clientId }) }),
      environment: () => new azure.EnvironmentCredential(options),
    };
    return make[name]();
  } catch (thrown) {
    throw toSignInError(thrown, place);
  }
}

/** Without what is undefined: Azure's options take an absent setting, not an empty one. */
function compact<T extends object>(options: T | undefined): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}
