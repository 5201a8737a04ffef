import { invalid } from "./credential.ts";
import { contextOf, openServer, type QuestionOptions } from "./server.ts";

/** How a server wants to be signed in to. */
export interface AuthInfo {
  /** False: the guest user may be anybody. */
  readonly requireAuthentication: boolean;
  /** Kerberos tickets are taken. */
  readonly spnego: boolean;
}

/**
 * Asks a server whether it wants to know who we are (`GET /auth`). Sends no credential.
 *
 * Errors: `ERR_AUTH_INVALID/malformed-response` if this is no Yamcs server, `ERR_AUTH_GRANT/refused`; else those of
 * `userAccount`. The signal ends it with its own reason.
 *
 * @example
 * ```ts
 * const { requireAuthentication } = await authInfo({ url: "https://yamcs.example" });
 * ```
 */
export async function authInfo(options: QuestionOptions): Promise<AuthInfo> {
  const server = openServer(options);
  const request = { endpoint: "auth endpoint", path: "/auth", repeat: "freely" } as const;
  const { requireAuthentication, spnego } = await server.get(request, contextOf(options));
  if (typeof requireAuthentication === "boolean") return { requireAuthentication, spnego: spnego === true };
  const text = "does not say whether it wants to know who we are; this is no Yamcs server. Check the url.";
  throw invalid("malformed-response", server.name, `the auth endpoint ${text}`);
}
