import { type Auth, type AuthError, type Clock, systemClock } from "@auth/core";
import type { Fields, HttpRequest } from "@auth/oauth/http";
import { openApi, told, type YakuOptions } from "./api-url.ts";

export interface ApiOptions extends YakuOptions {
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A request below the API's address, and the object that is answered. */
type Ask = (request: Omit<HttpRequest, "url"> & { path: string; expect?: "nothing" }) => Promise<Fields>;

/**
 * Asks Yaku with the token of `auth`; after a 401 once more, with what takes its place. A server that is asked too often is left
 * alone as long as it says, if that is at most 30 s, or longer each time (1 s, 1.5 s, 2.25 s, …): ten times, and a minute in all.
 */
export function apiOf(auth: Auth, options: ApiOptions): Ask {
  const { clock = systemClock, fetch = (...args) => globalThis.fetch(...args) } = options;
  const { signal } = new AbortController();
  const context = { signal, fetch, clock, salvage: () => {}, warn: () => {} };

  return async ({ path, expect, ...request }) => {
    const startedAt = clock.monotonic();
    let refusals = 0;
    let over = false;
    const http = openApi(options, (status, headers, retryAfterMs) => {
      if (status !== 429) return undefined;
      const pause = retryAfterMs ?? told(status, headers) ?? 1_000 * 1.5 ** refusals;
      over = ++refusals > 10 || pause > 30_000 || clock.monotonic() - startedAt + pause > 60_000;
      return over ? Math.max(pause, 30_001) : pause; // over 30 s is more than anybody waits for
    });
    const whole = { ...request, url: http.url + path, expect: expect as "object" };
    for (let last = 0; ; ) {
      const token = await auth.getToken();
      const headers = { authorization: `Bearer ${token.reveal()}` };
      try {
        return (await http.send({ ...whole, headers }, context)).body;
      } catch (error) {
        const { status = 0, retryAfterMs = 0 } = error as AuthError;
        if (status === 401) auth.reject(token);
        if (status === 401 ? last === 401 : status !== 429 || over) throw error;
        await clock.sleep(status === 429 ? retryAfterMs : 0);
        last = status;
      }
    }
  };
}
