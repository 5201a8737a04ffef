import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import { mapAdapter } from "./map-adapter.ts";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What is answered instead: an object as JSON, a text as HTML; `null` is never answered. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * The real oidc-provider in the role of Keycloak with the sample realm: `yaku-cli` is public and has the device grant, a refresh
 * token comes with every login and is good for one use. It does not know PKCE in the device flow, so that what stands before
 * it checks the verifier.
 */
export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly wellKnown: string;
  readonly received: Received[];
  /** `POST /token authorization_code`, in order; without metadata and keys. */
  readonly log: () => string[];
  readonly forms: (path: string) => Record<string, string>[];
  /** What is answered at a path instead: each once, the last one for as long as it is set. */
  readonly answers: Map<string, Reply[]>;
  /** The person types the code of a device. */
  enter(userCode: string, decision?: "approve" | "decline"): Promise<void>;
  isActive(accessToken: string): Promise<{ readonly scope: string } | undefined>;
  /** Signs an ID token with the provider's key. */
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
}

export const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

/** One for all: making it takes longer than most tests. */
const keys = generateKeyPair("RS256", { extractable: true });

export async function identityProvider({ accessTtl = 300, intervalS = 5 } = {}): Promise<IdentityProvider> {
  const front = createServer();
  const inner = createServer();
  for (const server of [front, inner]) await once(server.listen(0, "127.0.0.1"), "listening");
  const issuer = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const { privateKey } = await keys;

  const provider = new Provider(issuer, {
    adapter: mapAdapter(),
    clients: [
      {
        client_id: "yaku-cli",
        token_endpoint_auth_method: "none",
        grant_types: [deviceGrant, "refresh_token"],
        redirect_uris: [],
        response_types: [],
        scope: "openid global",
      },
    ],
    clientAuthMethods: ["none"],
    cookies: { keys: ["of-no-use"] },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "RS256" }] },
    scopes: ["openid", "global"],
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: { enabled: false },
    },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { DeviceCode: 600, IdToken: 3_600, AccessToken: accessTtl, RefreshToken: 36_000, Grant: 36_000 },
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  });
  inner.on("request", provider.callback());

  const received: Received[] = [];
  const answers = new Map<string, Reply[]>();
  const challenges = new Map<string, string>();

  /** Keycloak wants a challenge from this client, and the verifier with each poll. */
  function refusal(path: string, form: URLSearchParams): Reply | undefined {
    const invalid = (error_description: string): Reply => ({
      status: 400,
      body: { error: "invalid_grant", error_description },
    });
    if (path === "/device/auth" && form.get("code_challenge_method") !== "S256")
      return invalid("Missing parameter: code_challenge_method");
    if (path !== "/token" || form.get("grant_type") !== deviceGrant) return undefined;
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    return challenges.get(form.get("device_code") ?? "") === challenge
      ? undefined
      : invalid("PKCE verification failed");
  }

  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = asked;
    const body = await text(asked);
    received.push({ method, path, headers, body });
    const form = new URLSearchParams(body);
    const queue = answers.get(path) ?? [];
    const reply = (queue.length > 1 ? queue.shift() : queue[0]) ?? refusal(path, form);
    if (reply) return send(response, reply);
    const { port } = inner.address() as AddressInfo;
    const passed = forward({ host: "127.0.0.1", port, method, path, headers });
    passed.end(body);
    const [answered] = (await once(passed, "response")) as [IncomingMessage];
    const said = await text(answered);
    if (path !== "/device/auth" || answered.statusCode !== 200)
      return void response.writeHead(answered.statusCode ?? 500, answered.headers).end(said);
    const login = JSON.parse(said) as { device_code: string };
    challenges.set(login.device_code, form.get("code_challenge") ?? "");
    send(response, { body: intervalS === 5 ? login : { ...login, interval: intervalS } });
  }
  front.on("request", (asked, response) => void answer(asked, response));

  return {
    issuer,
    wellKnown: `${issuer}/.well-known/openid-configuration`,
    received,
    log: () =>
      received
        .filter(({ path }) => !path.startsWith("/.well-known") && path !== "/jwks")
        .map(({ path, body }) => `${path} ${new URLSearchParams(body).get("grant_type") ?? ""}`.trim()),
    forms: (path) =>
      received
        .filter((each) => each.path === path)
        .map(({ body }) => Object.fromEntries(new URLSearchParams(body))),
    answers,
    privateKey,
    async enter(userCode, decision = "approve") {
      const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll("-", ""));
      if (!code) throw new Error("there is no such code");
      const { clientId, params } = code;
      const scope = params["scope"] ?? "";
      const grant = new provider.Grant({ accountId: "oscar", clientId });
      grant.addOIDCScope(scope);
      const authTime = Math.floor(Date.now() / 1_000);
      Object.assign(
        code,
        decision === "decline"
          ? { error: "access_denied", errorDescription: "the person said no" }
          : { accountId: "oscar", grantId: await grant.save(), scope, claims: {}, authTime },
      );
      await code.save();
    },
    async isActive(accessToken) {
      const found = await provider.AccessToken.find(accessToken);
      return found?.isValid ? { scope: (found as unknown as { scope: string }).scope } : undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const server of [front, inner]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

export function send(response: ServerResponse, { status = 200, headers, body }: Reply): void {
  if (body === null) return;
  const json = typeof body === "object";
  response.writeHead(status, { ...(json && { "content-type": "application/json" }), ...headers });
  response.end(json ? JSON.stringify(body) : (body as string | undefined));
}
