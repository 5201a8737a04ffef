import { allowInsecureRequests, type CustomFetchOptions, customFetch } from "oauth4webapi";
import type { Send } from "./attempt.ts";

/** What oauth4webapi is handed to send its request with. */
export interface Http {
  [allowInsecureRequests]: true;
  [customFetch]: (
    url: string,
    init: CustomFetchOptions<string, URLSearchParams | undefined>,
  ) => Promise<Response>;
}

/** Its own check of addresses is off: the one in `send` is the stricter one. */
export function through(send: Send): Http {
  return { [allowInsecureRequests]: true, [customFetch]: send };
}
