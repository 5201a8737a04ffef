import { type Auth, isAuthError } from "@auth/core";
import type { Fields } from "@auth/oauth/http";
import { contextOf, openServer, type QuestionOptions } from "./server.ts";
import { invalid } from "./token-endpoint.ts";

/** A user, as the server knows him. */
export interface UserInfo {
  readonly name: string;
  readonly displayName?: string;
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
  const url = `${server.url}/api/user`;
  for (let refused: string | undefined; ; ) {
    const headers = new Headers();
    const token = await auth.authorize({ method: "GET", url, headers }, { signal: context.signal });
    const request = {
      endpoint: "user endpoint",
      method: "GET",
      url,
      headers: Object.fromEntries(headers),
    } as const;
    try {
      return userInfo(await server.send({ ...request, repeat: "freely" }, context), server.name);
    } catch (error) {
      if (!isAuthError(error, "ERR_AUTH_GRANT") || error.status !== 401 || refused !== undefined) throw error;
      refused = token.reveal();
      auth.reject(token);
      if ((await auth.getToken({ signal: context.signal })).reveal() === refused) throw error;
    }
  }
}

function userInfo({ name, displayName, superuser, ...privileges }: Fields, server: string): UserInfo {
  if (typeof name !== "string")
    throw invalid("malformed-response", server, "the user endpoint names no user. Check the url.");
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  return {
    name,
    ...(typeof displayName === "string" && { displayName }),
    superuser: superuser === true,
    systemPrivileges: list(privileges["systemPrivileges"]).map(String),
    objectPrivileges: list(privileges["objectPrivileges"]).map((each) => {
      const { type, objects } = each as Fields;
      return { type: String(type), objects: list(objects).map(String) };
    }),
  };
}
