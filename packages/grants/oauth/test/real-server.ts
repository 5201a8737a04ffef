import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from "jose";
import { errors, Provider, type TokenContext } from "oidc-provider";
import { mapAdapter } from "./map-adapter.ts";

export interface RealServerOptions {
  /** Lifetime of access tokens in seconds. Default 3600. */
  readonly accessTtl?: number;
  /** A new refresh token with every refresh; using an old one again revokes the grant, the newest token included. Default true. */
  readonly rotate?: boolean;
  /** Default: any free one. */
  readonly port?: number;
  /** What it calls itself, if a proxy stands before it. Default: its own origin. */
  readonly issuer?: string;
}

/** A certified authorization server (oidc-provider) on loopback, with some clients and one person. */
export interface RealServer extends AsyncDisposable {
  readonly issuer: string;
  /** Where it listens. */
  readonly origin: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string;
  readonly deviceAuthorizationEndpoint: string;
  /** Whose secret needs form-encoding in an Authorization header. */
  readonly basic: { readonly id: string; readonly secret: string };
  /** May have `api:read` alone. */
  readonly post: { readonly id: string; readonly secret: string };
  /** Has no secret. */
  readonly open: { readonly id: string };
  /** Signs assertions with keys of each kind; `stranger` is one that the server does not know. */
  readonly signing: {
    readonly id: string;
    readonly keys: Readonly<Record<SigningAlgorithm, SigningKey>>;
    readonly stranger: SigningKey;
  };
  readonly person: { readonly name: string; readonly password: string };
  /** Token requests so far, by grant type and with their outcome: `refresh_token invalid_grant`. */
  readonly tokenRequests: readonly string[];
  /** Requests to any endpoint. */
  readonly requests: readonly string[];
  /** A refresh token, as if the person had logged in before. */
  logIn(clientId: string, scope?: string): Promise<string>;
  /** The person types the code of a device, and says yes or no. */
  enter(userCode: string, decision?: "approve" | "decline"): Promise<void>;
  /** Would a resource server take this token? */
  isActive(accessToken: string): Promise<boolean>;
  close(): Promise<void>;
}

export type SigningAlgorithm = "ES256" | "RS256" | "EdDSA";

/** A private key in both forms that sources hold. */
export interface SigningKey {
  readonly pem: string;
  readonly jwk: JWK;
  readonly publicJwk: JWK;
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
const scopes = ["openid", "offline_access", "api:read", "api:write"];
const algorithms: readonly SigningAlgorithm[] = ["ES256", "RS256", "EdDSA"];

export async function realServer(options: RealServerOptions = {}): Promise<RealServer> {
  const { accessTtl = 3_600, rotate = true, port = 0 } = options;
  const http = createServer();
  await once(http.listen(port, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { issuer = origin } = options;

  const unguessable = (): string => randomBytes(18).toString("base64url");
  const basic = { id: "basic:client", secret: `p%ss:w/rd+&= ${unguessable()}` };
  const post = { id: "post-client", secret: unguessable() };
  const person = { name: "alice", password: `wönder ${unguessable()}` };
  const keys = Object.fromEntries(
    await Promise.all(algorithms.map(async (algorithm) => [algorithm, await makeKey(algorithm)] as const)),
  ) as Record<SigningAlgorithm, SigningKey>;
  const publicKeys = Object.values(keys).map(({ publicJwk }) => publicJwk);

  const client = (id: string, method: string, more: object): object => ({
    client_id: id,
    token_endpoint_auth_method: method,
    grant_types: ["client_credentials", "refresh_token", "password"],
    redirect_uris: [],
    response_types: [],
    scope: scopes.join(" "),
    ...more,
  });
  const provider = new Provider(issuer, {
    adapter: mapAdapter(),
    clients: [
      client(basic.id, "client_secret_basic", { client_secret: basic.secret }),
      client(post.id, "client_secret_post", { client_secret: post.secret, scope: "api:read" }),
      client("signing-client", "private_key_jwt", { jwks: { keys: publicKeys } }),
      client("open-client", "none", { grant_types: ["refresh_token", "password", deviceGrant] }),
    ],
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
    enabledJWA: { clientAuthSigningAlgValues: [...algorithms] },
    cookies: { keys: [unguessable()] },
    jwks: { keys: [{ ...(await makeKey("RS256")).jwk, use: "sig" }] },
    scopes,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: { enabled: false },
    },
    rotateRefreshToken: rotate,
    ttl: {
      DeviceCode: 600,
      IdToken: 3_600,
      AccessToken: accessTtl,
      ClientCredentials: accessTtl,
      RefreshToken: 86_400,
      Grant: 86_400,
    },
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  });

  /** What a login leaves behind: a grant and its first refresh token. */
  async function session(
    clientId: string,
    scope: string,
  ): Promise<{ grantId: string; refreshToken: string }> {
    const grant = new provider.Grant({ accountId: person.name, clientId });
    grant.addOIDCScope(scope);
    const grantId = await grant.save();
    const facts = {
      accountId: person.name,
      client: await provider.Client.find(clientId),
      grantId,
      gty: "password",
      scope,
      rotations: 0,
      authTime: Math.floor(Date.now() / 1_000),
    };
    return { grantId, refreshToken: await new provider.RefreshToken(facts).save() };
  }

  /** What the pages of a login come to, without the pages. */
  async function enter(userCode: string, decision: "approve" | "decline" = "approve"): Promise<void> {
    const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll("-", ""));
    if (!code) throw new Error("there is no such code");
    const { clientId, params } = code;
    const grant = new provider.Grant({ accountId: person.name, clientId });
    grant.addOIDCScope(params["scope"] ?? "");
    Object.assign(
      code,
      decision === "decline"
        ? { error: "access_denied", errorDescription: "the person said no" }
        : {
            accountId: person.name,
            grantId: await grant.save(),
            scope: params["scope"],
            claims: {},
            authTime: Math.floor(Date.now() / 1_000),
          },
    );
    await code.save();
  }

  provider.registerGrantType(
    "password",
    async (context: TokenContext) => {
      const { client, params } = context.oidc;
      if (params["username"] !== person.name || params["password"] !== person.password)
        throw new errors.InvalidGrant("no such person, or another password");
      const scope = params["scope"] ?? "api:read";
      const { grantId, refreshToken } = await session(client.clientId, scope);
      const token = new provider.AccessToken({
        accountId: person.name,
        client,
        grantId,
        gty: "password",
        scope,
      });
      context.body = {
        access_token: await token.save(),
        token_type: token.tokenType,
        expires_in: token.expiration,
        scope,
        ...(scope.includes("offline_access") && { refresh_token: refreshToken }),
      };
    },
    ["username", "password", "scope"],
  );

  const tokenRequests: string[] = [];
  const requests: string[] = [];
  const note = (outcome: (error?: { error: string }) => string) => (context: unknown, error: unknown) =>
    tokenRequests.push(
      `${(context as TokenContext).oidc.params["grant_type"]} ${outcome(error as { error: string })}`,
    );
  provider.on(
    "grant.success",
    note(() => "ok"),
  );
  provider.on(
    "grant.error",
    note((error) => error?.error ?? "failed"),
  );
  http.on("request", (request) => requests.push(`${request.method} ${request.url}`));
  http.on("request", provider.callback());

  async function close(): Promise<void> {
    http.closeAllConnections();
    if (http.listening) await new Promise((resolve) => http.close(resolve));
  }

  return {
    issuer,
    origin,
    tokenEndpoint: `${origin}/token`,
    revocationEndpoint: `${origin}/token/revocation`,
    deviceAuthorizationEndpoint: `${origin}/device/auth`,
    basic,
    post,
    open: { id: "open-client" },
    signing: { id: "signing-client", keys, stranger: await makeKey("ES256") },
    person,
    tokenRequests,
    requests,
    enter,
    logIn: async (clientId, scope = "offline_access api:read") =>
      (await session(clientId, scope)).refreshToken,
    async isActive(accessToken) {
      const found =
        (await provider.AccessToken.find(accessToken)) ??
        (await provider.ClientCredentials.find(accessToken));
      return found?.isValid ?? false;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function makeKey(algorithm: SigningAlgorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const facts = { alg: algorithm, kid: `key-${algorithm}` };
  return {
    pem: await exportPKCS8(privateKey),
    jwk: { ...(await exportJWK(privateKey)), ...facts },
    publicJwk: { ...(await exportJWK(publicKey)), ...facts },
  };
}
