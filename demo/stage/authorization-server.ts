import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { mapAdapter } from "./map-adapter.ts";

/** What one client did at the token endpoint. */
export interface Tally {
  granted: number;
  refused: number;
  /** A refresh token came that had been used before. */
  reused: number;
  /** The whole login was ended because of that. */
  revoked: number;
}

/** A certified authorization server (oidc-provider) on loopback that counts, and that can be slow or dead on demand. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string;
  readonly service: { readonly id: string; readonly secret: string };
  /** Lifetime of the tokens that are given out from now on, in seconds. */
  lifetime: number;
  /** A dead token endpoint: every connection that asks it for something is cut off. */
  down: boolean;
  /** Everything that arrived. */
  readonly requests: number;
  /** Everything that arrived at the token endpoint, answered or not. */
  readonly tokenRequests: number;
  /** Of them, those that wait for their answer. */
  readonly waiting: number;
  /** Every token given out so far, and the secret: whatever nobody may see. */
  readonly secrets: ReadonlySet<string>;
  tally(clientId: string): Readonly<Tally>;
  /** Holds back all answers of the token endpoint until the returned function is called. */
  hold(): () => void;
  /** What a person's login at this client leaves behind: a refresh token that may be used once. */
  logIn(person: string, clientId: string): Promise<string>;
  /** Gives the service another secret, and returns it. The old one has stopped working. */
  rotate(): string;
  /** The client that a good token was given to. */
  holder(accessToken: string): Promise<string | undefined>;
}

const scope = "orders:read offline_access";

/** Starts one. It rotates refresh tokens, with no grace: one that comes twice ends the login it belongs to. */
export async function authorizationServer(): Promise<AuthorizationServer> {
  const http = createServer();
  await once(http.listen(0, "127.0.0.1"), "listening");
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const newSecret = (): string => `demo-secret-${randomBytes(24).toString("base64url")}`;
  const service = { id: "order-service", secret: newSecret() };
  const secrets = new Set([service.secret]);
  const tallies = new Map<string, Tally>();
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const lifetime = (): number => server.lifetime;

  const person = (id: string): object => ({
    client_id: id,
    grant_types: ["refresh_token"],
    token_endpoint_auth_method: "none",
  });
  const tokens = mapAdapter((token) => secrets.add(token));
  // Looked up at each request, unlike `clients`, so that its secret can change.
  const services = {
    find: async (id: string) =>
      id === service.id
        ? { client_id: id, client_secret: service.secret, grant_types: ["client_credentials"] }
        : undefined,
  };
  const provider = new Provider(issuer, {
    adapter: (model: string) => (model === "Client" ? services : tokens(model)),
    clients: [person("with-auth"), person("by-hand")],
    clientDefaults: {
      redirect_uris: [],
      response_types: [],
      scope,
      id_token_signed_response_alg: "ES256",
    },
    cookies: { keys: [randomBytes(24).toString("base64url")] },
    jwks: { keys: [{ ...key, alg: "ES256", use: "sig" }] },
    scopes: scope.split(" "),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: false },
    },
    rotateRefreshToken: true,
    ttl: { AccessToken: lifetime, ClientCredentials: lifetime, RefreshToken: 3_600, Grant: 3_600 },
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  });
  const tally = (clientId = ""): Tally => {
    const found = tallies.get(clientId) ?? { granted: 0, refused: 0, reused: 0, revoked: 0 };
    tallies.set(clientId, found);
    return found;
  };
  provider.on("grant.success", ({ oidc }) => tally(oidc.client?.clientId).granted++);
  provider.on("grant.revoked", ({ oidc }) => tally(oidc.client?.clientId).revoked++);
  provider.on("grant.error", ({ oidc }, error) => {
    const found = tally(oidc.client?.clientId);
    found.refused++;
    if (error?.error_detail === "refresh token already used") found.reused++;
  });

  let requests = 0;
  let tokenRequests = 0;
  let waiting = 0;
  let gate: Promise<void> | undefined;
  const answer = provider.callback();
  const asksForToken = ({ method, url }: IncomingMessage): boolean => method === "POST" && url === "/token";
  async function serveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    tokenRequests++;
    if (server.down) return void request.socket.destroy();
    waiting++;
    await gate;
    waiting--;
    answer(request, response);
  }
  http.on("request", (request, response) => {
    requests++;
    if (asksForToken(request)) void serveToken(request, response);
    else answer(request, response);
  });

  const server: AuthorizationServer = {
    issuer,
    service,
    secrets,
    tally,
    lifetime: 60,
    down: false,
    get requests() {
      return requests;
    },
    get tokenRequests() {
      return tokenRequests;
    },
    get waiting() {
      return waiting;
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    async logIn(accountId, clientId) {
      const grant = new provider.Grant({ accountId, clientId });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      const client = await provider.Client.find(clientId);
      const authTime = Math.floor(Date.now() / 1_000);
      const facts = { accountId, client, grantId, gty: "authorization_code", scope, rotations: 0, authTime };
      return new provider.RefreshToken(facts).save();
    },
    rotate() {
      service.secret = newSecret();
      secrets.add(service.secret);
      return service.secret;
    },
    async holder(accessToken) {
      const found =
        (await provider.AccessToken.find(accessToken)) ??
        (await provider.ClientCredentials.find(accessToken));
      return found?.isValid ? found.clientId : undefined;
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
