import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";
import { failureFacts } from "./failure-facts.ts";
import { type AzureCloud, cloudOf } from "./find-secret.ts";
import { isNetworkFailure, type ReadPlace } from "./to-auth-error.ts";
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
  try {
    const azure = await import("@azure/identity");
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
    if (!failureFacts(thrown).codes.includes("ERR_MODULE_NOT_FOUND")) throw toSignInError(thrown, place);
    throw new AuthError(
      "ERR_AUTH_UNAVAILABLE",
      "missing-package",
      `${place.source}: to sign in with "${name}" needs @azure/identity. Run: npm install @azure/identity; or give a \`credential\` of your own.`,
      { provider: place.source, cause: thrown },
    );
  }
}

/** What a credential throws, in our words; the words of its own are dropped. */
function toSignInError(thrown: unknown, place: ReadPlace): AuthError {
  if (isAuthError(thrown)) return thrown;
  const facts = failureFacts(thrown);
  const { name, text, status } = facts;
  const failed = (code: AuthErrorCode, reason: string, advice: string): AuthError =>
    new AuthError(code, reason, `${place.source}: ${advice}.`, { provider: place.source, cause: thrown });
  if (status === 429 || (status !== undefined && status >= 500))
    return failed("ERR_AUTH_UNREACHABLE", "server-error", "Azure's sign-in failed. Try again later");
  if (/additionally ?allowed ?tenants|AADSTS(?:50020|90002|500011)\b/i.test(text))
    return failed(
      "ERR_AUTH_DENIED",
      "wrong-tenant",
      "the vault belongs to a tenant that this credential may not sign in to. Allow it there, or use another identity",
    );
  if (refusedApplication.test(text))
    return failed(
      "ERR_AUTH_DENIED",
      "sign-in-refused",
      "Azure refuses this application: its secret or certificate is wrong or has expired, or it is not known there",
    );
  const missing = isChain(name) || /could not be found|not installed|not recognized/i.test(text);
  if (!missing && /AADSTS|interaction_required|(?:az|azd auth) login|Connect-AzAccount/.test(text))
    return failed(
      "ERR_AUTH_INTERACTION_REQUIRED",
      "login-needed",
      "somebody has to sign in to Azure again. Run: az login; or whatever this credential signs in with",
    );
  if (name === "AbortError" || /timed? ?out/i.test(text))
    return failed("ERR_AUTH_UNREACHABLE", "timeout", "Azure's sign-in took too long. Try again");
  // A machine without a managed identity has nobody at that address, which is no failure of the network.
  if ((isNetworkFailure(facts) || /endpoints_resolution_error|network_error/.test(text)) && !isManaged(text))
    return failed(
      "ERR_AUTH_UNREACHABLE",
      "network",
      "Azure's sign-in cannot be reached. Check network and proxy",
    );
  if (/^(?:CredentialUnavailable|AggregateAuthentication|AuthenticationRequired)Error$/.test(name))
    return noIdentity(
      place,
      `nothing here can sign in to Azure${tried(text)}. Name the \`credential\` that should, or give one`,
      thrown,
    );
  return failed(
    "ERR_AUTH_DENIED",
    "sign-in-refused",
    "the credential failed to sign in; its words are withheld. Try it on its own",
  );
}

/** Wrong or expired secret, certificate or assertion, unknown application, blocked by policy. */
const refusedApplication =
  /AADSTS(?:7000(?:112|215|216|222)|700016|700024|700027|70021|70025|53003)\b|invalid_client|unauthorized_client/;
const isManaged = (text: string): boolean => text.startsWith("ManagedIdentityCredential");
const isChain = (name: string): boolean => name === "AggregateAuthenticationError";

/** What a chain of Azure's has tried, by the names that its messages give to programs and credentials. */
function tried(text: string): string {
  const named = text.match(
    /\bAzure (?:Developer )?CLI\b|\bAzure PowerShell\b|\b[A-Z][A-Za-z]{2,30}Credential\b/g,
  );
  const names = new Set(named?.filter((name) => !/^(?:ChainedToken|DefaultAzure)Credential$/.test(name)));
  return names.size > 0 ? ` (tried: ${[...names].join(", ")})` : "";
}

function noIdentity({ source }: ReadPlace, advice: string, cause: unknown): AuthError {
  return new AuthError("ERR_AUTH_UNAVAILABLE", "no-identity", `${source}: ${advice}.`, {
    provider: source,
    cause,
  });
}

/** Without what is undefined: Azure's options take an absent setting, not an empty one. */
function compact<T extends object>(options: T | undefined): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}
