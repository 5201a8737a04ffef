import { type Auth, isAuthError } from "@auth/core";
import { getDefaultAuth as current, setDefaultAuth } from "@auth/core/default";
import { fromEnvironmentOrTokenJson } from "./from-environment-or-token-json.ts";

/**
 * The `Auth` that the whole program uses by default: the one of `setDefaultAuth` of `@auth/core/default`, or one that is made of
 * the environment or `token_info.json` at the first call, and set there.
 *
 * @example
 * ```ts
 * const { namespace } = identityOf(await getDefaultAuth().getToken());
 * ```
 */
export function getDefaultAuth(): Auth {
  try {
    return current();
  } catch (error) {
    if (!isAuthError(error, "ERR_AUTH_UNAVAILABLE")) throw error;
    setDefaultAuth(fromEnvironmentOrTokenJson());
    return current();
  }
}
