import type { Provider } from "@auth/core";
import { type FromKeychainOptions, fromKeychain } from "@auth/keychain";
import { withScheme } from "./address.ts";

export type KeychainEntry = Omit<FromKeychainOptions, "service" | "account" | "bare" | "field" | "fields"> & {
  /** The server, whose name is the entry's service. */
  readonly server: string;
} & (
    | { /** Account of a user's entry. */ readonly username: string; readonly clientId?: undefined }
    | { /** Account of an API client's entry. */ readonly clientId: string; readonly username?: undefined }
  );

/**
 * A user's password or an API client's secret from the system's keychain, as the Jamf Pro SDK for Python keeps them: service
 * is the server, account the user name or the client id. Later versions of it write `https://jamf.example`, earlier ones the
 * server as it was given; both are found, in this order.
 *
 * Errors and further options as of `fromKeychain` of `@auth/keychain`, which has to be installed. `TypeError` without an account.
 *
 * @example
 * ```ts
 * const credentials = fromJamfProKeychain({ server: "jamf.example", username: "oscar" });
 * ```
 */
export function fromJamfProKeychain({ server, username, clientId, ...options }: KeychainEntry): Provider {
  const account = username ?? clientId;
  if (account === undefined) throw new TypeError("fromJamfProKeychain: give `username` or `clientId`");
  return fromKeychain({
    ...options,
    service: servicesOf(server),
    account,
    bare: username === undefined ? "clientSecret" : "password",
  });
}

/** The names of an entry's service, newest first. */
function servicesOf(server: string): [string, ...string[]] {
  const first = withScheme(server).replace(/^http:/, "https:");
  const tidy = first.replace(/\/+$/, "");
  const bare = tidy.slice("https://".length);
  return [first, ...new Set([tidy, bare, server])].filter((name, at, all) => all.indexOf(name) === at) as [
    string,
    ...string[],
  ];
}
