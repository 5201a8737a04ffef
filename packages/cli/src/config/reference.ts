/** Schemes that the command itself knows; `credentials.ts` and `schemes.ts` say how. */
export const ownSchemes = [
  "env",
  "file",
  "token-file",
  "keychain",
  "aws-sm",
  "azure-kv",
  "exec",
  "prompt",
] as const;

/** A scheme of another package, never one of ours. */
export const foreignScheme: RegExp = new RegExp(`^(?!(?:${ownSchemes.join("|")})$)[a-z][a-z0-9-]{0,31}$`);

/** The name of an npm package: no path, no URL, no part of one. */
export const packageName: RegExp = /^(?:@[a-z0-9][a-z0-9._-]{0,99}\/)?[a-z0-9][a-z0-9._-]{0,99}$/;

/** Names of secrets; a literal one hardly passes, and never {@link isKnown}. */
export const referencePattern: RegExp = /^(?!prompt:)[a-z][a-z0-9-]{0,31}:.+$|^prompt:/;

/** The same where nobody can be asked. */
export const quietReferencePattern: RegExp = /^(?!(?:prompt|token-file):)[a-z][a-z0-9-]{0,31}:.+$/;

/** Whether somebody reads such references: what has any other beginning may be a secret. */
export function isKnown(reference: string, sources: Readonly<Record<string, string>> = {}): boolean {
  const scheme = reference.slice(0, reference.indexOf(":"));
  return ownSchemes.some((each) => each === scheme) || Object.hasOwn(sources, scheme);
}
