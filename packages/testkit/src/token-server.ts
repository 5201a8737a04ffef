import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "@auth/core";
import { canary } from "./canary.ts";
import { TokenBook, type TokenServerCounts } from "./token-book.ts";
import {
  answerAt,
  type Desk,
  endpointOf,
  metadataOf,
  type TokenServerEndpoint,
} from "./token-server-endpoints.ts";
import { faultBefore, jsonAnswer, send, type TokenServerFault } from "./token-server-fault.ts";
import type { ReceivedRequest } from "./token-server-requests.ts";

export interface TokenServerOptions {
  /** Lifetime of an access token in seconds. Default 3600; null: the answer does not say, and the token lasts. */
  readonly expiresIn?: number | null;
  /**
   * `rotate` (default): a new refresh token with every refresh, and using an old one again revokes the whole family, with
   * no grace. `keep`: one refresh token for good, not repeated in later answers. `none`: no refresh tokens.
   */
  readonly refreshTokens?: "rotate" | "keep" | "none";
  /** Decides when tokens expire. Default: the system's. */
  readonly clock?: Pick<Clock, "now">;
  /** Default: any free one. */
  readonly port?: number;
}

export interface TokenServer extends AsyncDisposable {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string;
  /** Answers 200 to a good bearer token, else 401. */
  readonly resource: string;
  /** The counts as JSON, for other processes. */
  readonly countsUrl: string;
  readonly counts: Readonly<TokenServerCounts>;
  /** What came in, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** A client and a user to begin with. */
  readonly client: { readonly id: string; readonly secret: string };
  readonly user: { readonly name: string; readonly password: string };
  /** All of them: client id → secret (empty: a public client), user name → password. Change them while it runs. */
  readonly clients: Map<string, string>;
  readonly users: Map<string, string>;
  /** A refresh token, as if somebody had logged in before. Default: for `client`, without a scope. */
  seedRefreshToken(about?: { readonly clientId?: string; readonly scope?: string }): string;
  /** An administrator ends every session. */
  revokeAll(): void;
  /**
   * From now on something goes wrong at the token endpoint, or at another one; `undefined` mends it. `times`: only for so
   * many requests.
   */
  fault(
    fault: TokenServerFault | undefined,
    options?: { readonly at?: TokenServerEndpoint; readonly times?: number },
  ): Promise<void>;
  /** Resolves when so many token requests have come in since the start, processed or not. */
  arrived(tokenRequests: number): Promise<void>;
  /** Throws if a secret that this server knows or gave out can be seen in `things`. */
  readonly check: (...things: readonly unknown[]) => void;
  close(): Promise<void>;
}

interface Broken {
  readonly fault: TokenServerFault;
  left: number;
  readonly mended: PromiseWithResolvers<void>;
}

/**
 * An authorization server for tests, on loopback: real sockets, real HTTP, RFC 6749 answers (client credentials, password,
 * refresh token), RFC 7009 revocation, RFC 8414 metadata, a protected resource, counters, and faults to switch on while
 * it runs.
 *
 * It is a double: it keeps to the RFCs where it speaks, and knows neither people nor keys.
 *
 * @example
 * ```ts
 * await using server = await tokenServer({ expiresIn: 300 });
 * await server.fault({ status: 503, retryAfter: 2 }, { times: 1 });
 * ```
 */
export async function tokenServer(options: TokenServerOptions = {}): Promise<TokenServer> {
  const { expiresIn = 3600, refreshTokens = "rotate", clock = systemClock } = options;
  const secret = canary("server");
  const { value: marker } = secret;
  const book = new TokenBook({ clock, expiresIn: expiresIn ?? undefined, refreshTokens, marker });
  const { counts } = book;
  const client = { id: "testkit", secret: `client.${marker}` };
  const user = { name: "alice", password: `user.${marker}` };
  const clients = new Map([[client.id, client.secret]]);
  const users = new Map([[user.name, user.password]]);
  const requests: ReceivedRequest[] = [];
  const broken = new Map<TokenServerEndpoint, Broken>();
  const watchers = new Set<() => void>();

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.on("error", () => {});
    void handle(request, response).catch(() => request.socket.destroy());
  });
  server.on("connection", (socket) => socket.on("error", () => {}));
  const listen = async (port: number): Promise<void> => {
    await once(server.listen(port, "127.0.0.1"), "listening");
  };
  await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const metadata = metadataOf(issuer);
  const desk: Desk = { clients, users, book, metadata };
  let down = false;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(incoming.url ?? "/", issuer);
    if (pathname === "/counts") return send(incoming, response, jsonAnswer(200, counts), undefined);
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const request = { method: incoming.method ?? "", path: pathname, headers: incoming.headers, body };
    requests.push(request);
    counts.requests++;
    const endpoint = endpointOf(pathname);
    if (!endpoint) return send(incoming, response, jsonAnswer(404, { error: "not_found" }), undefined);
    if (endpoint === "token") {
      counts.tokenRequests++;
      for (const look of watchers) look();
    }
    const trouble = take(endpoint);
    if (trouble?.fault === "hold") await trouble.mended.promise;
    const fault = trouble?.fault;
    const instead = faultBefore(fault);
    if (instead === "hang") return;
    if (instead === "reset") return void incoming.socket.resetAndDestroy();
    send(incoming, response, instead ?? answerAt(endpoint, request, desk, fault), fault);
  }

  /** The endpoint's fault, if it is still to happen. */
  function take(endpoint: TokenServerEndpoint): Broken | undefined {
    const trouble = broken.get(endpoint);
    if (!trouble || trouble.left <= 0) return undefined;
    trouble.left--;
    return trouble;
  }

  return {
    issuer,
    tokenEndpoint: metadata.token_endpoint,
    revocationEndpoint: metadata.revocation_endpoint,
    resource: `${issuer}/resource`,
    countsUrl: `${issuer}/counts`,
    counts,
    requests,
    client,
    user,
    clients,
    users,
    seedRefreshToken: ({ clientId = client.id, scope = "" } = {}) => book.seed(clientId, scope),
    revokeAll: () => book.revokeAll(),
    async fault(fault, { at = "token", times = Number.POSITIVE_INFINITY } = {}) {
      broken.get(at)?.mended.resolve();
      broken.delete(at);
      if (fault === "refused" && !down) {
        down = true;
        await stop();
      } else if (fault !== "refused" && down) {
        down = false;
        await listen(port);
      }
      if (fault !== undefined && fault !== "refused")
        broken.set(at, { fault, left: times, mended: Promise.withResolvers() });
    },
    arrived: (tokenRequests) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (counts.tokenRequests < tokenRequests) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    check: secret.check,
    close: stop,
    [Symbol.asyncDispose]: stop,
  };

  async function stop(): Promise<void> {
    server.closeAllConnections();
    if (!server.listening) return;
    await new Promise((resolve) => server.close(resolve));
  }
}
