import type { Auth } from "./auth.ts";
import { AuthError } from "./errors.ts";

let current: Auth | undefined;

/** Sets the `Auth` that the whole program uses by default; `undefined` takes it away. The only module state there is. */
export function setDefaultAuth(auth: Auth | undefined): void {
  if (auth !== undefined && typeof auth?.getToken !== "function")
    throw new TypeError("setDefaultAuth: expected an Auth, or undefined");
  current = auth;
}

/**
 * The default `Auth`. Errors: `ERR_AUTH_UNAVAILABLE/no-default-auth` if none was set.
 *
 * @example
 * ```ts
 * setDefaultAuth(createAuth({ grant, credentials }));
 * const token = await getDefaultAuth().getToken();
 * ```
 */
export function getDefaultAuth(): Auth {
  if (!current)
    throw new AuthError(
      "ERR_AUTH_UNAVAILABLE",
      "no-default-auth",
      "No default Auth is set. Call setDefaultAuth(createAuth(…)) first.",
    );
  return current;
}
