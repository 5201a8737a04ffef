import { AccessToken, type Grant } from "@auth/core";

/**
 * For servers that want to know nothing: requests go out as they are, as the guest user's.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant: anonymous() });
 * ```
 */
export function anonymous(): Grant<never> {
  return {
    name: "yamcs guest",
    local: true,
    partition: () => "yamcs guest",
    exchange: async () => ({ accessToken: new AccessToken("guest", { type: "None" }) }),
    authorize: () => {},
  };
}
