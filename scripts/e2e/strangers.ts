/** Who alone may bring a vendor's packages along: whoever wants one store does not get the clients of the others. */
const vendors: readonly [theirs: RegExp, folder: string | undefined][] = [
  [/^@(?:aws|aws-sdk|aws-crypto|smithy)\/|^aws-sdk$/, "packages/sources/aws-secrets-manager"],
  [/^@(?:azure|azure-rest|typespec)\//, "packages/sources/azure-key-vault"],
  [/^@napi-rs\/keyring/, "packages/sources/keychain"],
  // Only ever brought by their users themselves.
  [/^(?:keytar|redis|ioredis)$|^@redis\//, undefined],
  [/^@google-cloud\/|^google-/, undefined],
];

/** Those among the installed packages that this one should not bring. */
export function strangers(folder: string, installed: readonly string[]): string[] {
  const wrong = vendors.filter(([, owner]) => owner !== folder).map(([theirs]) => theirs);
  return installed.filter((name) => wrong.some((theirs) => theirs.test(name)));
}
