import { once } from "node:events";
import { createServer } from "node:net";
import { AccessToken, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { clientCredentials, type GrantOptions, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { failure, hastyClock, type TestContext, testContext } from "./context.ts";
import { realServer } from "./real-server.ts";
import { json, raw, reset, type Script, scriptedServer, status, token } from "./scripted-server.ts";

const secret = canary("secret");
const unreachable = { code: "ERR_AUTH_UNREACHABLE", retryable: true };

type Kind = "client credentials" | "refresh" | "password" | "metadata" | "revocation";

/** One request of a kind, against a server that behaves as scripted. */
async function start(
  kind: Kind,
  origin: string,
  context: TestContext,
  more: Partial<GrantOptions> = {},
): Promise<unknown> {
  const endpoints = { tokenEndpoint: `${origin}/token`, revocationEndpoint: `${origin}/revoke` };
  const options = {
    issuer: origin,
    clientId: "app",
    timeoutMs: 60_000,
    ...(kind !== "metadata" && endpoints),
    ...more,
  };
  const hidden = new Secret(secret.value);
  const client = { type: "client-secret", clientId: "app", clientSecret: hidden } as const;
  switch (kind) {
    case "client credentials":
    case "metadata":
      return clientCredentials(options).exchange(client, context);
    case "refresh":
      return refreshToken(options).exchange({ type: "refresh-token", refreshToken: hidden }, context);
    case "password":
      return password(options).exchange({ type: "password", username: "alice", password: hidden }, context);
    case "revocation": {
      const tokens = { accessToken: new AccessToken(secret.value) };
      return clientCredentials(options).revoke?.(tokens, context, client);
    }
  }
}

/** What a request of this kind, always answered like that, costs. */
async function cost(kind: Kind, script: Script, more: Partial<GrantOptions> = {}) {
  await using server = await scriptedServer(script);
  const clock = hastyClock();
  const context = testContext({ clock });
  const error = await failure(start(kind, server.origin, context, more));
  secret.check(error);
  return { error, requests: server.requests.length, pauses: clock.pauses };
}

describe("SEC-62 L3 how often a request is sent", () => {
  const cut: Script = (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"access_token"', () => response.socket?.resetAndDestroy());
  };
  const notProcessed: [string, Script, string][] = [
    ["429", status(429), "rate-limited"],
    ["503", status(503), "server-error"],
  ];
  const unknownOutcome: [string, Script, string][] = [
    ["500", status(500), "server-error"],
    ["502", status(502), "server-error"],
    ["504", status(504), "server-error"],
    ["a reset after sending", reset, "network"],
    ["a cut body", cut, "network"],
  ];
  const kinds: [Kind, number][] = [
    ["client credentials", 3],
    ["metadata", 3],
    ["revocation", 3],
    ["refresh", 1],
    ["password", 1],
  ];

  describe.each(kinds)("%s", (kind, twice) => {
    test.each(notProcessed)("SEC-62 %s, not processed: 3 times", async (_, script, reason) => {
      const { error, requests } = await cost(kind, script);
      expect(error).toMatchObject({ ...unreachable, reason });
      expect(requests).toBe(3);
    });

    test.each(unknownOutcome)(`SEC-62 %s, outcome unknown: ${twice}`, async (_, script, reason) => {
      const { error, requests } = await cost(kind, script);
      expect(error).toMatchObject({ ...unreachable, reason });
      expect(requests).toBe(twice);
    });

    test.each([
      ["a refusal", json({ error: "invalid_request" }, 400)],
      ["a 404", status(404)],
      ["a redirect", status(302)],
      ["a 501", status(501)],
    ])("SEC-62 %s: once", async (what, script) => {
      const { requests } = await cost(kind, script);
      // Metadata has two places (RFC 8414 §5).
      const places = kind === "metadata" && (what === "a refusal" || what === "a 404") ? 2 : 1;
      expect(requests).toBe(places);
    });

    test("SEC-62 nobody listening: 3 times", async () => {
      const port = await closedPort();
      const clock = hastyClock();
      const error = await failure(start(kind, `http://127.0.0.1:${port}`, testContext({ clock })));
      expect(error).toMatchObject({ ...unreachable, reason: "network" });
      expect((error as Error).cause).toMatchObject({ code: "ECONNREFUSED" });
      expect(clock.pauses).toHaveLength(2);
      secret.check(error);
    });
  });

  test.each([
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "access_denied",
  ])("SEC-62 %s is never sent again", async (error) => {
    for (const [kind] of kinds.filter(([each]) => each !== "metadata"))
      expect((await cost(kind, json({ error }, 400))).requests).toBe(1);
  });

  test.each(["refresh", "password"] as const)(
    "SEC-62 what a %s sends and may have arrived is not sent again, whatever came before",
    async (kind) => {
      await using server = await scriptedServer(status(503), reset, token());
      await failure(start(kind, server.origin, testContext({ clock: hastyClock() })));
      expect(server.requests.length).toBe(2);
    },
  );

  test.each(kinds)("L15 %s after a failed flight: once, whatever the options allow", async (kind) => {
    for (const script of [status(503), status(500), reset]) {
      await using server = await scriptedServer(script);
      const context = testContext({ clock: hastyClock(), attempts: "one" });
      await failure(
        start(kind, server.origin, context, { attempts: { notProcessed: 5, unknownOutcome: 5 } }),
      );
      expect(server.requests.length).toBe(1);
    }
  });

  test("a later attempt that works is a success", async () => {
    await using server = await scriptedServer(status(503), reset, token());
    const clock = hastyClock();
    await start("client credentials", server.origin, testContext({ clock }));
    expect(server.requests.length).toBe(3);
  });

  test("L3 the limits are options", async () => {
    expect((await cost("refresh", reset, { attempts: { unknownOutcome: 2 } })).requests).toBe(2);
    expect((await cost("client credentials", status(503), { attempts: { notProcessed: 5 } })).requests).toBe(
      5,
    );
    for (const attempts of [{ unknownOutcome: 0 }, { notProcessed: 11 }, { notProcessed: 1.5 }])
      expect(() => clientCredentials({ issuer: "https://idp.example", attempts })).toThrow(TypeError);
  });
});

test("SEC-62 each attempt carries a new assertion: the server would refuse the old one", async () => {
  await using real = await realServer();
  const { id, keys } = real.signing;
  await using server = await scriptedServer(status(503), token());
  const grant = privateKeyJwt({
    issuer: server.origin,
    tokenEndpoint: server.tokenEndpoint,
    timeoutMs: 60_000,
  });
  const credential = {
    type: "private-key",
    clientId: id,
    privateKey: new Secret(keys.ES256.pem),
  } as const;
  await grant.exchange(credential, testContext({ clock: hastyClock() }));
  const ids = server.requests.map(({ body }) => {
    const payload = new URLSearchParams(body).get("client_assertion")?.split(".")[1] ?? "";
    return JSON.parse(Buffer.from(payload, "base64url").toString()).jti as string;
  });
  expect(new Set(ids).size).toBe(2);
});

describe("L4 back-off", () => {
  test.each([
    [0, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
    [0.5, [100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500, 2_500]],
  ])("SEC-62 full jitter, random at %d", async (random, pauses) => {
    await using server = await scriptedServer(status(503));
    const clock = { ...hastyClock(), random: () => random };
    await failure(
      start("client credentials", server.origin, testContext({ clock }), { attempts: { notProcessed: 10 } }),
    );
    expect(clock.pauses).toEqual(pauses);
  });
});

describe("L5 Retry-After", () => {
  const now = Date.UTC(2026, 0, 1);
  const date = (ms: number) => new Date(now + ms).toUTCString();

  test.each<[string, number, string, number]>([
    ["seconds", 429, "7", 7_000],
    ["seconds, 503", 503, "30", 30_000],
    ["a date", 503, date(12_000), 12_000],
    ["zero", 429, "0", 0],
    ["a date gone by", 429, date(-60_000), 0],
  ])("SEC-62 %s: waits at least that long", async (_, code, header, ms) => {
    await using server = await scriptedServer(status(code, { "retry-after": header }), token());
    const clock = hastyClock(now);
    await start("client credentials", server.origin, testContext({ clock }));
    expect(clock.pauses).toEqual([ms + 100]);
  });

  test.each<[string, string, number]>([
    ["31 seconds", "31", 31_000],
    ["a date in an hour", date(3_600_000), 3_600_000],
    ["a day, shown as an hour", "86400", 3_600_000],
  ])("SEC-62 %s: an error at once that says when", async (_, header, retryAfterMs) => {
    for (const code of [429, 503]) {
      const { error, requests } = await cost("refresh", status(code, { "retry-after": header }));
      expect(error).toMatchObject({ ...unreachable, reason: "rate-limited", retryAfterMs, status: code });
      expect(requests).toBe(1);
    }
  });

  test.each([
    "",
    "soon",
    "-5",
    "1.5",
    "1e3",
    "12345678901",
    "2026-01-01T00:00:00Z",
    "Thu, 99 Foo 2026 00:00:00 GMT",
  ])("SEC-62 %j says nothing: the usual back-off", async (header) => {
    const { error, pauses } = await cost("client credentials", status(429, { "retry-after": header }));
    expect(error).not.toHaveProperty("retryAfterMs");
    expect(pauses).toEqual([100, 200]);
  });
});

test("SEC-4 the cause of a network failure keeps its code and nothing else", async () => {
  const broken = Object.assign(new Error(`connect to https://x/?${secret.value}`), {
    code: "ENOTFOUND",
    syscall: "getaddrinfo",
  });
  const context = testContext({
    clock: hastyClock(),
    fetch: () => Promise.reject(new TypeError(`fetch failed ${secret.value}`, { cause: broken })),
  });
  const error = await failure(start("client credentials", "https://idp.example", context));
  expect(error).toMatchObject({ ...unreachable, cause: { code: "ENOTFOUND", syscall: "getaddrinfo" } });
  secret.check(error);
});

test("a body that is not JSON of an error status is a refusal without a word of it", async () => {
  const { error } = await cost(
    "client credentials",
    raw(`<h1>${secret.value}</h1>`, { "content-type": "text/html" }, 403),
  );
  expect(error).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "refused", status: 403 });
  expect(error).not.toHaveProperty("error");
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
