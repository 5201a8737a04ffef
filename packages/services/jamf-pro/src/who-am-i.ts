import { type Auth, isAuthError, systemClock } from "@auth/core";
import type { Fields } from "@auth/oauth/http";
import { type JamfProOptions, openServer } from "./address.ts";

export interface WhoAmIOptions extends JamfProOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * The account that the token speaks for, as Jamf Pro describes it (`GET /v1/auth`); `undefined` if the server no longer takes the
 * token, which is then rejected: the next call gets another one.
 *
 * Errors: those of `auth.getToken`; `ERR_AUTH_GRANT/refused`, `ERR_AUTH_INVALID/malformed-response` and the transport's.
 *
 * @example
 * ```ts
 * const account = await whoAmI(auth, { server: "jamf.example" });
 * console.log(account?.["account"]);
 * ```
 */
export async function whoAmI(auth: Auth, options: WhoAmIOptions): Promise<Fields | undefined> {
  const http = openServer(options);
  const { signal = new AbortController().signal, fetch = globalThis.fetch } = options;
  const token = await auth.getToken({ signal });
  const request = {
    endpoint: "account endpoint",
    method: "GET",
    url: `${http.url}/api/v1/auth`,
    headers: { authorization: `Bearer ${token.reveal()}` },
    repeat: "freely",
  } as const;
  try {
    const nothing = (): void => {};
    const context = { signal, fetch, clock: systemClock, salvage: nothing, warn: nothing };
    return (await http.send(request, context)).body;
  } catch (error) {
    if (!isAuthError(error, "ERR_AUTH_GRANT") || error.status !== 401) throw error;
    auth.reject(token);
    return undefined;
  }
}
