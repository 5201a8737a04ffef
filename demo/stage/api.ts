import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AuthorizationServer } from "./authorization-server.ts";

/** A resource server on loopback: it answers whoever brings a token that the authorization server calls good. */
export interface Api extends AsyncDisposable {
  readonly origin: string;
  /** Requests that were answered, by what came after `?from=`. */
  answered(from?: string): number;
  /** How many different tokens one client has brought. */
  tokens(clientId: string): number;
}

export async function startApi(server: Pick<AuthorizationServer, "holder">): Promise<Api> {
  const answered = new Map<string, number>();
  const tokens = new Map<string, Set<string>>();
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    const holder = token && (await server.holder(token));
    response.setHeader("content-type", "application/json");
    if (!holder) {
      response.writeHead(401, { "www-authenticate": "Bearer" }).end('{"error":"invalid_token"}');
      return;
    }
    const from = new URL(request.url ?? "/", origin).searchParams.get("from") ?? "";
    answered.set(from, (answered.get(from) ?? 0) + 1);
    tokens.set(holder, (tokens.get(holder) ?? new Set()).add(token));
    response.end(JSON.stringify({ client: holder, orders: [1047, 1048] }));
  }
  const http = createServer((request, response) => void serve(request, response));
  await once(http.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    origin,
    answered: (from) =>
      from === undefined ? [...answered.values()].reduce((a, b) => a + b, 0) : (answered.get(from) ?? 0),
    tokens: (clientId) => tokens.get(clientId)?.size ?? 0,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
