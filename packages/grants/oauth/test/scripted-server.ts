import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What is sent back: a JSON value with 200, or everything by hand. */
export type Script = (response: ServerResponse, request: Received) => void;

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly origin: string;
  readonly tokenEndpoint: string;
  readonly requests: readonly Received[];
  /** What comes next; the last one stays. */
  answer(...scripts: readonly Script[]): void;
  /** Resolves when the client has closed a connection before its answer was complete. */
  readonly hungUp: Promise<void>;
}

/** A server that answers what the test says, byte for byte. */
export async function scriptedServer(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const { promise: hungUp, resolve: hangUp } = Promise.withResolvers<void>();
  const requests: Received[] = [];
  let rest = [...scripts];
  const server = createServer((request, response) => {
    response.on("close", () => !response.writableFinished && hangUp());
    void receive(request, response);
  });
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const received = { method, path: url, headers, body: await text(request) };
    requests.push(received);
    const script = rest.length > 1 ? rest.shift() : rest[0];
    script?.(response, received);
  }
  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    tokenEndpoint: `${origin}/token`,
    requests,
    hungUp,
    answer: (...next) => {
      rest = [...next];
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Script =>
  (response) =>
    response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(typeof value === "string" ? value : JSON.stringify(value));

export const raw =
  (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): Script =>
  (response) =>
    response.writeHead(status, headers).end(body);

export const status = (code: number, headers: Record<string, string> = {}): Script => raw("", headers, code);

/** The connection ends without an answer. */
export const reset: Script = (response) => void response.socket?.resetAndDestroy();

/** Nothing, ever. */
export const silence: Script = () => {};

/** A good answer with some fields another way. */
export const token = (over: Record<string, unknown> = {}): Script =>
  json({ access_token: "at", token_type: "Bearer", expires_in: 3600, ...over });
