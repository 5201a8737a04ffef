import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { jwt } from "./jwt.ts";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  readonly at: number;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON, a text as it is. */
  readonly body?: unknown;
}

/**
 * A stand-in for the identity service of Descartes Labs, as its client knows it: one endpoint, which takes JSON in two shapes and
 * answers 200 with an ID token and nothing else.
 */
export interface IamServer extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** What is answered next instead, one after the other. */
  readonly replies: Reply[];
  /** What is answered instead whenever nothing else is. */
  always: Reply | undefined;
  lifetimeS: number;
  /** Besides `aud`, `exp` and `jti`, which tells tokens apart. */
  claims: Readonly<Record<string, unknown>>;
}

export const cid = "cid";
export const sec = "sec";
export const legacyClient = "ZOBAi4UROl5gKZIpxxlwOEfx8KpqXf2c";

const usual = { grant_type: "refresh_token" };
const legacy = {
  grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  target: legacyClient,
  api_type: "app",
};

export async function iamServer(now: () => number): Promise<IamServer> {
  const received: Received[] = [];
  const replies: Reply[] = [];
  let count = 0;

  function answer({ method, path, headers, body }: Received): Reply {
    if (path !== "/token") return { status: 404, body: "Not Found" };
    if (method !== "POST") return { status: 405, body: "Method Not Allowed" };
    const { client_id, refresh_token, scope, ...rest } = body as Record<string, unknown>;
    const shape = JSON.stringify(client_id === legacyClient ? legacy : usual, Object.keys(rest).sort());
    const fits =
      headers["content-type"] === "application/json" &&
      headers.authorization === undefined &&
      /^[\da-f]{32}$/.test(String(headers["x-request-group"])) &&
      JSON.stringify(rest, Object.keys(rest).sort()) === shape &&
      (typeof scope === "string" || (scope === undefined && client_id !== legacyClient));
    if (!fits) return { status: 400, body: "Bad Request" };
    if (typeof client_id !== "string" || refresh_token !== sec) return { status: 401, body: "Unauthorized" };
    const exp = Math.floor(now() / 1_000) + self.lifetimeS;
    return {
      body: {
        id_token: jwt({
          iss: self.url,
          sub: "some|user",
          ...self.claims,
          aud: client_id,
          exp,
          jti: `t${++count}`,
        }),
      },
    };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const text = Buffer.concat(chunks).toString();
      const asked = { method, path, headers, body: text && (JSON.parse(text) as unknown), at: now() };
      received.push(asked);
      const { status = 200, headers: more, body } = replies.shift() ?? self.always ?? answer(asked);
      const json = typeof body === "object";
      response.writeHead(status, { ...(json && { "content-type": "application/json" }), ...more });
      response.end(json ? JSON.stringify(body) : body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: IamServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    replies,
    always: undefined,
    lifetimeS: 86_400,
    claims: {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}
