import type { Auth } from "@auth/core";
import { authenticate } from "./authenticate.ts";
import { type ClientOptions, checkOptions } from "./client-options.ts";

export interface FetchOptions extends ClientOptions {
  /** What sends the requests. Default: the global `fetch`, looked up per call. */
  readonly fetch?: typeof fetch;
}

/**
 * A `fetch` that puts the credential of `auth` on requests to `origins`, and on no others.
 *
 * - It works on a copy: the caller's request and headers stay as they are. An `Authorization` of the caller's own wins, and
 *   then no token is asked for.
 * - After a 401 the token is given back (`auth.reject`). If `auth` then has something else to send and the body can be sent
 *   again, the request is repeated, once. Otherwise, and after a second 401, the caller gets the 401. A body that is a
 *   stream, or inside a `Request`, is never buffered, so it is never sent again. A 403 means what it says.
 * - Redirects within the origin, at most 5, keep the credential. To another origin, GET and HEAD go on without any header
 *   that could hold one; anything else is an error. `redirect: "manual"` and `"error"` do what they always do.
 *
 * Errors: `ERR_AUTH_INVALID/origin-not-allowed`, `ERR_AUTH_INVALID/redirect`, those of `auth.getToken`; besides, what
 * `fetch` throws. Wrong options are a `TypeError` here.
 *
 * @example
 * ```ts
 * const api = createFetch(auth, { origins: ["https://api.example.com"] });
 * const answer = await api("https://api.example.com/v1/things");
 * ```
 */
export function createFetch(auth: Auth, options: FetchOptions): typeof fetch {
  const settings = checkOptions("createFetch", auth, options);
  if (options.fetch !== undefined && typeof options.fetch !== "function")
    throw new TypeError("createFetch: `fetch` must be a function");
  const send: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);
  return (input, init) => authenticate(auth, settings, send, input, init);
}
