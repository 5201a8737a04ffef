import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { canary } from "@auth/testkit";
import type { AzureTokenCredential } from "../../src/index.ts";
import { certificatesFor } from "./trust.ts";

interface Attributes {
  enabled?: boolean;
  nbf?: number;
  exp?: number;
}
interface Version {
  readonly id: string;
  readonly value: string;
  readonly contentType?: string | undefined;
  attributes: Attributes;
}
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** What goes wrong instead of an answer. `body` as text is sent as it is. */
export type VaultFault = "reset" | "hang" | "cut" | Answer;

/** An answer of the service that is no: code, message, inner code, as it writes them. */
export const refusal = (status: number, code: string, message = code, inner?: string): Answer => ({
  status,
  body: { error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) } },
});

/**
 * The wire of a Key Vault and of the sign-in in front of it, on loopback over TLS: challenge, versions, dates, deletion,
 * and the service's own words for what it refuses. A double: it keeps to what Microsoft's clients rely on.
 */
export async function vaultDouble() {
  const marker = canary("vault");
  const certificates = await certificatesFor("localhost", "*.vault.localhost", "*.elsewhere.localhost");
  const secrets = new Map<string, Version[]>();
  const deleted = new Map<string, Version[]>();
  const tokens = new Set<string>();
  const requests: string[] = [];
  const claims: string[] = [];
  const app = { tenant: "tenant-1", id: "app", secret: `app.${marker.value}` };
  let issued = 0;
  let broken: { fault: VaultFault; left: number } | undefined;

  const server = createServer(certificates, (request, response) => {
    response.on("error", () => {});
    void handle(request, response).catch(() => request.socket.destroy());
  });
  server.on("connection", (socket) => socket.on("error", () => {}));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const url = `https://acme.vault.localhost:${port}`;
  const authority = `https://localhost:${port}`;
  const ownAudience = `https://vault.localhost:${port}`; // with the port: Microsoft's Python client compares it
  let resource = ownAudience;

  function issue(): string {
    const token = `${++issued}.${marker.value}`;
    tokens.add(token);
    return token;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    const identity = /^\/(?:tenant-1|msi)\//.test(pathname);
    const bearer = request.headers.authorization?.replace(/^Bearer /, "");
    const who = identity
      ? "sign-in"
      : bearer === undefined
        ? "anonymous"
        : tokens.has(bearer)
          ? "ok"
          : "refused";
    requests.push(`${request.method} ${pathname} ${who}`);
    if (!identity && broken && broken.left > 0 && who === "ok") {
      broken.left--;
      return fail(broken.fault, request, response);
    }
    if (identity) return send(response, signIn(pathname, new URLSearchParams(body), request));
    if (!searchParams.has("api-version")) return send(response, refusal(400, "BadParameter"));
    if (who !== "ok") {
      const challenge = `Bearer authorization="${authority}/${app.tenant}", resource="${resource}"`;
      return send(response, { ...refusal(401, "Unauthorized"), headers: { "www-authenticate": challenge } });
    }
    send(response, vault(request.method ?? "", pathname.slice(1).split("/"), body));
  }

  function signIn(path: string, form: URLSearchParams, request: IncomingMessage): Answer {
    if (path === "/msi/token") {
      if (request.headers["x-identity-header"] !== "header") return { status: 400, body: {} };
      const expires = Math.floor(Date.now() / 1_000) + 3_600;
      return { status: 200, body: { access_token: issue(), expires_on: `${expires}`, token_type: "Bearer" } };
    }
    const base = `${authority}/${app.tenant}`;
    if (path.endsWith("/openid-configuration")) {
      const endpoints = {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/authorize`,
      };
      return { status: 200, body: { issuer: `${base}/v2.0`, jwks_uri: `${base}/keys`, ...endpoints } };
    }
    if (form.get("client_id") !== app.id || form.get("client_secret") !== app.secret) {
      const text = "AADSTS7000215: Invalid client secret provided.";
      return {
        status: 401,
        body: { error: "invalid_client", error_description: text, error_codes: [7000215] },
      };
    }
    claims.push(form.get("claims") ?? "");
    return { status: 200, body: { token_type: "Bearer", expires_in: 3_600, access_token: issue() } };
  }

  function vault(method: string, [collection = "", rawName = "", version]: string[], body: string): Answer {
    const name = rawName.toLowerCase();
    const kept = collection === "deletedsecrets" ? deleted : secrets;
    const versions = kept.get(name) ?? [];
    const found = version ? versions.find(({ id }) => id === version) : versions.at(-1);
    const gone = refusal(
      404,
      "SecretNotFound",
      `A secret with (name/id) ${name} was not found in this key vault.`,
    );
    const sent = (body ? JSON.parse(body) : {}) as Omit<Version, "id">;
    if (method === "PUT") return { status: 200, body: bundle(name, add(name, sent.value, sent)) };
    if (!found) return gone;
    if (method === "PATCH") found.attributes = { ...found.attributes, ...sent.attributes };
    if (method === "DELETE") {
      secrets.delete(name);
      deleted.set(name, versions);
      return { status: 200, body: { ...bundle(name, found), recoveryId: `${url}/deletedsecrets/${name}` } };
    }
    if (method === "GET" && found.attributes.enabled === false)
      return refusal(
        403,
        "Forbidden",
        "Operation get is not allowed on a disabled secret.",
        "SecretDisabled",
      );
    return { status: 200, body: bundle(name, found) };
  }

  function bundle(name: string, { id, value, contentType, attributes }: Version): object {
    const about = { created: 1_767_225_600, updated: 1_767_225_600, recoveryLevel: "Recoverable+Purgeable" };
    return {
      value,
      contentType,
      id: `${url}/secrets/${name}/${id}`,
      attributes: { enabled: true, ...attributes, ...about },
    };
  }

  /** Stores a new version; returns it. */
  function add(name: string, value: string, about: Partial<Omit<Version, "id" | "value">> = {}): Version {
    const version = { id: randomBytes(16).toString("hex"), value, attributes: {}, ...about };
    secrets.set(name, [...(secrets.get(name) ?? []), { ...version }]);
    return version;
  }

  return {
    url,
    authority,
    port,
    ca: certificates.ca,
    app,
    add,
    requests,
    /** The claims that each token request asked for, or "". */
    claims,
    check: marker.check,
    /** How often a secret was handed out or refused to somebody who was signed in. */
    reads: (): number => requests.filter((line) => /^GET \/secrets\/.* ok$/.test(line)).length,
    tokensIssued: (): number => issued,
    remove: (name: string): boolean => secrets.delete(name),
    refuseTokens: (): void => tokens.clear(),
    challengeFor(audience: string = ownAudience): void {
      resource = audience;
    },
    fault(fault: VaultFault | undefined, times = Number.POSITIVE_INFINITY): void {
      broken = fault && { fault, left: times };
    },
    /** A credential that keeps its token, as Azure's do, until it is asked for a newer one. */
    credential(): AzureTokenCredential & { calls: number } {
      let token = "";
      return {
        calls: 0,
        async getToken(_scopes, options) {
          this.calls++;
          if (token === "" || options?.claims !== undefined) token = issue();
          return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
        },
      };
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type VaultDouble = Awaited<ReturnType<typeof vaultDouble>>;

function fail(fault: VaultFault, request: IncomingMessage, response: ServerResponse): void {
  if (fault === "hang") return;
  if (typeof fault === "object") send(response, fault);
  else if (fault === "reset") request.socket.destroy();
  else cut(request, response);
}

/** The answer breaks off in its middle. */
function cut(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"value":');
  setImmediate(() => request.socket.destroy());
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}
