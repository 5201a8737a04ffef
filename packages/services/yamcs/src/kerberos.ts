import type { Grant, GrantContext } from "@auth/core";
import { on401, part, partition } from "./credential.ts";
import { openServer, type YamcsOptions } from "./server.ts";

export interface KerberosOptions extends YamcsOptions {
  /** Makes the token that `Authorization: Negotiate` carries, in Base64, for a service like `HTTP@yamcs.example` (RFC 4559). */
  readonly negotiate: (service: string, signal: AbortSignal) => Promise<string>;
  /** Whose ticket it is. Without it, give `createAuth` a `name`. */
  readonly username?: string | undefined;
}

const refused = on401("credential-rejected", "refused the Kerberos ticket. Get a new one with kinit.");

/**
 * A Kerberos ticket, for servers with the SPNEGO module; how to make the token is yours to say, by a library of your choice. The
 * server gives no refresh token: at the end of a token all is done again.
 *
 * Errors: `ERR_AUTH_GRANT/credential-rejected` for a ticket that is refused, what `negotiate` throws; else those of `userAccount`.
 *
 * Source: RFC 4559; Yamcs HTTP API, `GET /auth/spnego`.
 *
 * @example
 * ```ts
 * import { initializeClient } from "kerberos";
 *
 * const grant = kerberos({
 *   url: "https://yamcs.example",
 *   negotiate: async (service) => (await initializeClient(service)).step(""),
 * });
 * const auth = createAuth({ grant, name: "me" });
 * ```
 */
export function kerberos(options: KerberosOptions): Grant<never> {
  const server = openServer(options);
  const { name, url } = server;
  const { negotiate, username } = options;
  if (typeof negotiate !== "function") throw new TypeError("yamcs: negotiate is missing");
  const service = `HTTP@${new URL(url).hostname}`;
  return {
    name,
    partition: () => partition({ url, account: username }),
    async exchange(_credential, context) {
      const ticket = part(await negotiate(service, context.signal), "ticket", name);
      const headers = { authorization: `Negotiate ${ticket}` };
      const request = { endpoint: "Kerberos endpoint", path: "/auth/spnego", headers, refused };
      const reading = { ...context, fetch: textAsJson(context.fetch) };
      const { code } = await server.get({ ...request, repeat: "once" }, reading);
      const form = { grant_type: "authorization_code", code: part(code as string, "code", name) };
      return server.requestTokens({ form, repeat: "once", refused }, context);
    },
  };
}

/** The code comes as plain text, and is made the JSON that is read and limited like any other answer. */
function textAsJson(fetch: GrantContext["fetch"]): GrantContext["fetch"] {
  return async (...request) => {
    const response = await fetch(...request);
    if (!response.ok || !response.body) return response;
    const body = ReadableStream.from(jsonOf(response.body)).pipeThrough(new TextEncoderStream());
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
}

async function* jsonOf(body: NonNullable<Response["body"]>): AsyncGenerator<string> {
  yield '{"code":"';
  for await (const text of body.pipeThrough(new TextDecoderStream())) yield JSON.stringify(text).slice(1, -1);
  yield '"}';
}
