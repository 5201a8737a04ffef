import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { canary } from "@auth/testkit";
import { onTestFinished } from "vitest";

export interface Asked {
  /** `POST /token` */
  readonly what: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly form: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status?: number;
  /** An object goes out as JSON. */
  readonly body?: unknown;
}

/** A server that answers as it is told, until the test has finished. */
export async function standIn(
  answer: (asked: Asked, origin: string) => Answer | undefined,
): Promise<{ readonly origin: string; readonly asked: Asked[]; readonly log: () => string[] }> {
  const asked: Asked[] = [];
  const server = createServer();
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const what = `${request.method} ${request.url}`;
    const form = Object.fromEntries(new URLSearchParams(body));
    const now: Asked = { what, headers: request.headers, body, form };
    asked.push(now);
    const { status = 200, body: said } = answer(now, origin) ?? { status: 404, body: {} };
    response.writeHead(status, said === undefined ? {} : { "content-type": "application/json" });
    response.end(said === undefined ? undefined : JSON.stringify(said));
  };
  server.on("request", (request, response) => void reply(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin, asked, log: () => asked.map(({ what }) => what) };
}

type Poll = "authorization_pending" | "access_denied" | "expired_token" | "approved";

/** An identity provider with logins by code. The last of `polls` is what is said from then on. */
export async function deviceServer({
  polls = ["authorization_pending", "approved"],
  userCode = "WDJB-MJHT",
  more,
}: {
  readonly polls?: readonly Poll[];
  readonly userCode?: string;
  /** What else it answers; `access` is the token of whoever is logged in. */
  readonly more?: (asked: Asked, origin: string, access: string) => Answer | undefined;
} = {}) {
  const secrets = { access: canary("access"), refresh: canary("refresh"), deviceCode: canary("device-code") };
  const left = [...polls];
  const tokens = { access_token: secrets.access.value, token_type: "Bearer", expires_in: 3600 };
  const server = await standIn((asked, origin) => {
    switch (asked.what) {
      case "GET /.well-known/openid-configuration":
      case "GET /.well-known/oauth-authorization-server":
        return {
          body: {
            issuer: origin,
            token_endpoint: `${origin}/token`,
            device_authorization_endpoint: `${origin}/device`,
            revocation_endpoint: `${origin}/revoke`,
          },
        };
      case "POST /device":
        return {
          body: {
            device_code: secrets.deviceCode.value,
            user_code: userCode,
            verification_uri: "https://idp.example/realms/acme/device",
            verification_uri_complete: "https://idp.example/realms/acme/device?user_code=WDJB-MJHT",
            expires_in: 900,
            interval: 1,
          },
        };
      case "POST /token": {
        if (asked.form["grant_type"] === "refresh_token")
          return { body: { ...tokens, refresh_token: secrets.refresh.value } };
        const next = left.length > 1 ? left.shift() : left[0];
        return next === "approved"
          ? { body: { ...tokens, refresh_token: secrets.refresh.value, scope: asked.form["scope"] } }
          : { status: 400, body: { error: next } };
      }
      case "POST /revoke":
        return {};
      default:
        return more?.(asked, origin, secrets.access.value);
    }
  });
  return {
    ...server,
    issuer: server.origin,
    secrets,
    check: (...seen: unknown[]) => {
      for (const secret of Object.values(secrets)) secret.check(...seen);
    },
    forms: (what: string) => server.asked.filter((each) => each.what === what).map(({ form }) => form),
  };
}

/** Yaku: its identity provider, and its application tokens. */
export async function yakuServer() {
  const made = canary("application-token");
  const text = `yakp_aa_0000000002_5d347a238ac2f4140eca9256465f1a`;
  const rows = [
    {
      id: 1,
      description: "nightly\u001b[31m build",
      try_admin: false,
      status: "revoked",
      creationTime: "2026-01-02T03:04:05.000Z",
    },
  ];
  const server = await deviceServer({
    more({ what, headers, body }, origin, access) {
      if (what === "GET /api/v1/service/authinfo")
        return { body: { wellKnownConfigUrl: `${origin}/.well-known/openid-configuration` } };
      const { authorization } = headers;
      const person = authorization === `Bearer ${access}`;
      if (!person && authorization !== `Bearer ${text}`) return { status: 401, body: { statusCode: 401 } };
      switch (what) {
        case "GET /api/v1/long-running-tokens":
          return { body: { pagination: {}, data: rows, links: {} } };
        case "POST /api/v1/long-running-tokens": {
          if (!person) return { status: 403, body: { statusCode: 403 } };
          const asked = JSON.parse(body) as { description: string; try_admin: boolean };
          const row = { id: 2, ...asked, status: "active", creationTime: new Date().toISOString() };
          rows.unshift(row);
          return { status: 201, body: { ...row, token: made.value } };
        }
        case "POST /api/v1/long-running-tokens/2/revoke":
          return { status: 200 };
        default:
          return undefined;
      }
    },
  });
  return { ...server, made, applicationToken: text };
}
