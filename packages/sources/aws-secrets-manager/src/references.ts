import { AuthError, type Provider } from "@auth/core";
import { formatReference, type Reference } from "@auth/core/resolver";
import type { SecretOptions } from "./secret-options.ts";

/** The selectors of a reference. Two are shorter than their options, `versionStage` and `versionId`. */
export const selectors: readonly string[] = ["stage", "version", "bare", "encoding"];

/** An ARN is a reference by itself: its first word stands where others have the scheme. */
export function secretOf({ scheme, path }: Reference): string {
  return scheme === "arn" ? `arn:${path}` : path;
}

/** What a reference asks for; what it cannot ask for is an `INVALID/reference`, since it is no mistake in the code. */
export function providerOf(reference: Reference, make: (options: SecretOptions) => Provider): Provider {
  const pick = (key: string): string | undefined => reference.selectors.get(key);
  const bare = pick("bare");
  if (bare !== undefined && !["token", "apiKey", "refreshToken"].includes(bare))
    throw invalid(reference, 'has a "bare" that is not one of token, apiKey, refreshToken');
  try {
    return make({
      secretId: secretOf(reference),
      field: reference.field,
      versionStage: pick("stage"),
      versionId: pick("version"),
      bare: bare as SecretOptions["bare"],
      encoding: pick("encoding") as SecretOptions["encoding"],
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalid(reference, `cannot be used: ${inOurWords(error.message)}`);
  }
}

/** A reference has selectors, where the code has options. */
function inOurWords(message: string): string {
  const named = message.replace("`versionStage`", "`stage`").replace("`versionId`", "`version`");
  return named.replace(/^\w+: /, "");
}

export function describeReference(reference: Reference, where: string): string {
  const { field } = reference;
  const stage = reference.selectors.get("stage") ?? reference.selectors.get("version");
  const part = field === undefined ? "" : `"${field}" in `;
  return `${part}the secret ${secretOf(reference)}${stage === undefined ? "" : ` (${stage})`}${where}`;
}

export function invalid(reference: Reference, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "reference", `${formatReference(reference)} ${problem}.`);
}
