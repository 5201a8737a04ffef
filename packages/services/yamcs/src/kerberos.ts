import type { Grant, GrantContext } from "@auth/core";
import { sendable } from "@auth/oauth/http";
import { openServer, type YamcsOptions } from "./server.ts";
import { partition, requestTokens } from "./token-endpoint.ts";

export interface KerberosOptions extends YamcsOptions {
  /** Makes the token that `Authorization: Negotiate` carries, in Base64, for the service `HTTP@host` (RFC 4559). */
  readonly negotiate: (request: {
    readonly service: string;
    readonly signal: AbortSignal;
  }) => Promise<string>;
  /** Whose ticket it is. Without it, give `createAuth` a `name`. */
  readonly username?: string | undefined;
}

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
 *   negotiate: async ({ service }) => (await initializeClient(service)).step(""),
 * });
 * const auth = createAuth({ grant, name: "me" });
 * ```
 */
export function kerberos(options: KerberosOptions): Grant<never> {
  const server = openServer(options);
  const { negotiate, username } = options;
  if (typeof negotiate !== "function") throw new TypeError("yamcs: negotiate is missing");
  const service = `HTTP@${new URL(server.url).hostname}`;
  const refusal = {
    reason: "credential-rejected",
    text: "refused the Kerberos ticket. Get a new one (kinit), and check that the server knows you.",
  } as const;
  return {
    name: server.name,
    partition: () => username && partition(server.url, username),
    async exchange(_credential, context) {
      const ticket = sendable(await negotiate({ service, signal: context.signal }), "ticket", server.name);
      const { code } = await server.send(
        {
          endpoint: "Kerberos endpoint",
          method: "GET",
          url: `${server.url}/auth/spnego`,
          headers: { authorization: `Negotiate ${ticket}` },
          repeat: "once",
          refused: ({ status, error }) =>
            status === 401 ? error("ERR_AUTH_GRANT", refusal.reason, refusal.text) : undefined,
        },
        reading(context),
      );
      const form = { grant_type: "authorization_code", code: sendable(`${code}`, "code", server.name) };
      return requestTokens(server, form, refusal, { repeat: "once" }, context);
    },
  };
}

/** The code comes as plain text, and is made the JSON that is read and limited like any other answer. */
function reading(context: GrantContext): GrantContext {
  return {
    ...context,
    async fetch(input, init) {
      const response = await context.fetch(input, init);
      if (!response.ok || !response.body) return response;
      const json = new TransformStream<string, string>({
        start: (out) => out.enqueue('{"code":"'),
        transform: (text, out) => out.enqueue(JSON.stringify(text).slice(1, -1)),
        flush: (out) => out.enqueue('"}'),
      });
      const body = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(json)
        .pipeThrough(new TextEncoderStream());
      return new Response(body, { headers: { "content-type": "application/json" } });
    },
  };
}
