import { AuthError } from "@auth/core";
import { formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { type FromKeychainOptions, fromKeychain } from "./from-keychain.ts";

/**
 * `keychain://billing-api/alice` is the entry "alice" of the service "billing-api"; a service with slashes has them escaped, as in
 * `keychain://https%3A%2F%2Fbilling.example/alice`. Selectors: `backend` (`napi`, `keytar`), `bare` (what a bare text is),
 * `store` (`secret-service`, `keyutils`).
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const credentials = resolve("keychain://billing-api/alice?bare=password");
 * ```
 */
export const scheme: Scheme = {
  scheme: "keychain",
  aliases: ["keyring"],
  package: "@auth/keychain",
  selectors: ["backend", "bare", "store"],
  parse: (reference) => {
    const { locator: service, path: account, selectors, field } = reference;
    if (service === undefined || account === "")
      throw invalid(reference, "names no entry; it has two parts, as in keychain://service/account");
    const options = { service, account, field, ...Object.fromEntries(selectors), optional: undefined };
    try {
      return fromKeychain(options as FromKeychainOptions);
    } catch (error) {
      // Its words name the option, which is the selector.
      throw invalid(reference, `cannot be used: ${(error as Error).message.replace("fromKeychain: ", "")}`);
    }
  },
  describe: ({ locator, path, field }) =>
    `${field === undefined ? "" : `"${field}" in `}the entry "${path}" of "${locator}" in the keychain`,
};

function invalid(reference: Reference, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "reference", `${formatReference(reference)} ${problem}.`);
}
