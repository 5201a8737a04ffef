import { type Auth, isAuthError } from "@auth/core";
import type { Fields } from "@auth/oauth/http";
import { invalid, on401 } from "./credential.ts";
import { contextOf, openServer, type QuestionOptions } from "./server.ts";

/** A user, as the server knows him. */
export interface UserInfo {
  readonly name: string;
  readonly superuser: boolean;
  readonly systemPrivileges: readonly string[];
  readonly objectPrivileges: readonly { readonly type: string; readonly objects: readonly string[] }[];
}

/**
 * The user that the credential speaks for (`GET /api/user`), be it a token, Basic or an API key. A 401 is answered with a new
 * token, once.
 *
 * Errors: those of `auth.getToken`; `ERR_AUTH_GRANT/credential-rejected`, `/refused`; `ERR_AUTH_INVALID/malformed-response`; else those of
 * `userAccount`. The signal ends it with its own reason.
 *
 * @example
 * ```ts
 * const { name, superuser } = await whoAmI(auth, { url: "https://yamcs.example" });
 * ```
 */
export async function whoAmI(auth: Auth, options: QuestionOptions): Promise<UserInfo> {
  const server = openServer(options);
  const context = contextOf(options);
  const { signal } = context;
  const path = "/api/user";
  for (let again = false; ; again = true) {
    const headers = new Headers();
    const token = await auth.authorize({ method: "GET", url: server.url + path, headers }, { signal });
    const request = { endpoint: "user endpoint", path, headers: Object.fromEntries(headers), refused };
    try {
      return userInfo(await server.get({ ...request, repeat: "freely" }, context), server.name);
    } catch (error) {
      if (again || !isAuthError(error, "ERR_AUTH_GRANT") || error.status !== 401) throw error;
      auth.reject(token);
      if ((await auth.getToken({ signal })).reveal() === token.reveal()) throw error;
    }
  }
}

/** A key and a Basic password are heard of here for the first time. */
const refused = on401("credential-rejected", "refused the token, key or password. Correct it at its source.");

function userInfo({ name, superuser, ...user }: Fields, server: string): UserInfo {
  if (typeof name !== "string")
    throw invalid("malformed-response", server, "the user endpoint names no user. Check the url.");
  const list = <T>(value: unknown): T[] => (Array.isArray(value) ? value : []);
  const systemPrivileges = list<string>(user["systemPrivileges"]);
  const objectPrivileges = list<UserInfo["objectPrivileges"][number]>(user["objectPrivileges"]);
  return { name, superuser: superuser === true, systemPrivileges, objectPrivileges };
}
