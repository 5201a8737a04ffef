import { type Auth, isAuthError } from "@auth/core";
import type { Fields } from "@auth/oauth/http";
import { invalid } from "./credential.ts";
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
 * Errors: those of `auth.getToken`; `ERR_AUTH_GRANT/refused`, `ERR_AUTH_INVALID/malformed-response`; else those of
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
    const request = { endpoint: "user endpoint", path, headers: Object.fromEntries(headers) };
    try {
      return userInfo(await server.get({ ...request, repeat: "freely" }, context), server.name);
    } catch (error) {
      if (again || !isAuthError(error, "ERR_AUTH_GRANT") || error.status !== 401) throw error;
      auth.reject(token);
      if ((await auth.getToken({ signal })).reveal() === token.reveal()) throw error;
    }
  }
}

function userInfo({ name, superuser, ...user }: Fields, server: string): UserInfo {
  if (typeof name !== "string")
    throw invalid("malformed-response", server, "the user endpoint names no user. Check the url.");
  const list = <T>(value: unknown): T[] => (Array.isArray(value) ? value : []);
  const systemPrivileges = list<string>(user["systemPrivileges"]);
  const objectPrivileges = list<UserInfo["objectPrivileges"][number]>(user["objectPrivileges"]);
  return { name, superuser: superuser === true, systemPrivileges, objectPrivileges };
}
