import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { AccessToken, type Auth, createAuth, type Grant } from "@auth/core";
import { onTestFinished } from "vitest";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Handler = (request: Seen, response: ServerResponse) => string | undefined | Promise<string | undefined>;

/** A real server on its own port, so its own origin; what the handler returns is the body. */
export async function server(handler: Handler): Promise<{ origin: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const answer = async (raw: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url: path = "", headers } = raw;
    const request = { method, path, headers, body: await text(raw).catch(() => "(aborted)") };
    seen.push(request);
    response.end(await handler(request, response));
  };
  const listening = createServer((raw, response) => void answer(raw, response));
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return { origin: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, seen };
}

export function redirect(response: ServerResponse, status: number, location: string): string {
  response.writeHead(status, { location });
  return "moved";
}

/** An identity whose tokens come from a real endpoint: token-1, token-2 … Counts what was asked for. */
export async function identity(
  overrides: Partial<Grant> = {},
): Promise<{ auth: Auth; tokenRequests: () => number }> {
  let issued = 0;
  const endpoint = await server(() => JSON.stringify({ access_token: `token-${++issued}` }));
  const auth = createAuth({
    grant: {
      name: "numbered",
      partition: () => "numbered",
      async exchange(_credential, { fetch }) {
        const answer = await fetch(endpoint.origin, { method: "POST" });
        const { access_token: value } = (await answer.json()) as { access_token: string };
        return {
          accessToken: new AccessToken(value, {
            obtainedAt: new Date(),
            expiresAt: new Date(Date.now() + 3_600_000),
          }),
        };
      },
      ...overrides,
    },
  });
  return { auth, tokenRequests: () => endpoint.seen.length };
}
