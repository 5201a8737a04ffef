import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";
import { type FailureFacts, failureFacts } from "./failure-facts.ts";
import { loadFailure } from "./load-failure.ts";
import { proxyRefusal } from "./proxy-refusal.ts";
import { isNetworkFailure, type ReadPlace, whyIn } from "./to-auth-error.ts";

/** The names of what `@azure/identity` and the library below it throw, and no client of a vault. */
const signInErrors =
  /^(?:AuthenticationError|AuthenticationRequiredError|AggregateAuthenticationError|CredentialUnavailableError|ClientAuthError|InteractionRequiredAuthError|BrokerResponseError)$/;

/**
 * Is it the sign-in that failed, in a client of the app's own, which signs in by itself? By the error's name, or by whom the
 * request was for: a vault's client asks its vault and nobody else.
 */
export function isSignInFailure(thrown: unknown, vaultUrl: string | undefined): boolean {
  const { name, host }: FailureFacts = failureFacts(thrown);
  if (signInErrors.test(name)) return true;
  return host !== undefined && vaultUrl !== undefined && host !== new URL(vaultUrl).host;
}

/** What a credential throws, in our words; the words of its own are dropped. */
export function toSignInError(thrown: unknown, place: ReadPlace): AuthError {
  if (isAuthError(thrown)) return thrown;
  const unloaded = loadFailure(thrown, "@azure/identity", place.source);
  if (unloaded) return unloaded;
  const facts = failureFacts(thrown);
  const { name, text, status } = facts;
  if (facts.fromProxy)
    return proxyRefusal(status as number, { source: place.source, cause: thrown }, "Azure's sign-in");
  const failed = (code: AuthErrorCode, reason: string, advice: string): AuthError =>
    new AuthError(code, reason, `${place.source}: ${advice}.`, { provider: place.source, cause: thrown });
  const behind = proxysAnswer(text);
  if (behind !== undefined)
    return proxyRefusal(behind, { source: place.source, cause: thrown }, "Azure's sign-in");
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
      `Azure's sign-in cannot be reached${whyIn(thrown)}. Check network and proxy`,
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

/**
 * The status of an answer without anything of Entra ID's, as MSAL words it, where the environment names a proxy: whoever
 * refuses the tunnel has answered.
 */
function proxysAnswer(text: string): number | undefined {
  const [, status] = /Error\(s\): Not Available[\s\S]*?Http status code: (\d{3})\b/.exec(text) ?? [];
  const proxy = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];
  if (!status || /x-ms-request-id|AADSTS/i.test(text) || !proxy.some((name) => process.env[name]))
    return undefined;
  return Number(status);
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

export function noIdentity({ source }: ReadPlace, advice: string, cause: unknown): AuthError {
  return new AuthError("ERR_AUTH_UNAVAILABLE", "no-identity", `${source}: ${advice}.`, {
    provider: source,
    cause,
  });
}
