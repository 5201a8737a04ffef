import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON, a text as HTML; `null` is never answered. */
  readonly body?: unknown;
}

/**
 * A stand-in for Jamf Pro, as its documentation and its clients describe it: tokens of both kinds, keep-alive that ends the old
 * token, invalidation, and an API that takes nothing but valid tokens.
 */
export interface JamfServer extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** `POST /api/v1/auth/token` and so on, in order. */
  readonly log: () => string[];
  /** What is answered at a path instead, for as long as it is set. */
  readonly answers: Map<string, Reply>;
  /** The tokens that are valid. */
  readonly valid: Set<string>;
  userLifetimeMs: number;
  clientLifetimeS: number;
  /** Scope of API clients' tokens; absent: the answer has none. */
  scope: string | undefined;
  /** It is from before 10.49: API clients sign in at another path. */
  older: boolean;
}

export const user = { username: "oscar", password: "p:w ä" } as const;
export const client = { clientId: "cid", clientSecret: "s&c+ %é" } as const;

export async function jamfServer(now: () => number): Promise<JamfServer> {
  const received: Received[] = [];
  const valid = new Set<string>();
  const answers = new Map<string, Reply>();
  let count = 0;
  const issue = (): string => {
    const token = `token-${++count}`;
    valid.add(token);
    return token;
  };

  function answer({ method, path, headers, body }: Received): Reply {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
    const known = bearer !== undefined && valid.has(bearer);
    const refused: Reply = { status: 401, body: { httpStatus: 401, errors: [] } };
    const ofUser = (): Reply => ({
      body: { token: issue(), expires: new Date(now() + self.userLifetimeMs).toISOString() },
    });
    switch (`${method} ${path}`) {
      case "POST /api/v1/oauth/token":
      case "POST /api/oauth/token": {
        if (self.older === path.includes("v1")) return { status: 404, body: "not found" };
        const form = new URLSearchParams(body);
        const good =
          headers["content-type"] === "application/x-www-form-urlencoded" &&
          form.get("grant_type") === "client_credentials" &&
          form.get("client_id") === client.clientId &&
          form.get("client_secret") === client.clientSecret;
        if (!good) return { status: 401, body: { error: "invalid_client" } };
        const { scope, clientLifetimeS } = self;
        return {
          body: {
            access_token: issue(),
            ...(scope !== undefined && { scope }),
            token_type: "Bearer",
            expires_in: clientLifetimeS,
          },
        };
      }
      case "POST /api/v1/auth/token": {
        const basic = Buffer.from(headers.authorization?.replace("Basic ", "") ?? "", "base64");
        const pair = `${user.username}:${user.password}`;
        return basic.toString("latin1") === pair && body === "" ? ofUser() : refused;
      }
      case "POST /api/v1/auth/keep-alive":
        if (!known) return refused;
        valid.delete(bearer);
        return ofUser();
      case "POST /api/v1/auth/invalidate-token":
        if (!known) return refused;
        valid.delete(bearer);
        return { status: 204 };
      case "GET /api/v1/auth":
        return known ? { body: { account: { username: user.username }, sites: [] } } : refused;
      default:
        return known ? { body: { results: [] } } : refused;
    }
  }

  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const asked: Received = { method, path, headers, body: Buffer.concat(chunks).toString() };
      received.push(asked);
      const { status = 200, headers: more, body } = answers.get(path) ?? answer(asked);
      if (body === null) return;
      const json = typeof body === "object";
      response.writeHead(status, { ...(json && { "content-type": "application/json" }), ...more });
      response.end(json ? JSON.stringify(body) : (body as string | undefined));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: JamfServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    log: () => received.map(({ method, path }) => `${method} ${path}`),
    answers,
    valid,
    userLifetimeMs: 1_800_000,
    clientLifetimeS: 1_200,
    scope: "api-role:2 api-role:3",
    older: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}
