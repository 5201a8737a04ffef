import { createAuth, fixed, isAuthError, Secret } from "@auth/core";
import { fromEnv } from "@auth/env";
import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { descartesLabs } from "../src/index.ts";
import { cid, legacyClient, sec } from "./support/iam-server.ts";
import { failure, pair, thrownBy, world } from "./support/world.ts";

test("descarteslabs 1 a client id and its secret: one request, with just these fields", async () => {
  const { open, server } = await world();
  await open(pair).getToken();
  expect(server.received).toHaveLength(1);
  expect(server.received[0]).toMatchObject({ method: "POST", path: "/token" });
  expect(server.received[0]?.body).toEqual({
    client_id: cid,
    grant_type: "refresh_token",
    refresh_token: sec,
  });
  const { headers } = server.received[0] ?? {};
  expect(headers).toMatchObject({ "content-type": "application/json" });
  expect(headers?.["x-request-group"]).toMatch(/^[\da-f]{32}$/);
  expect(headers?.authorization).toBeUndefined();
});

test("descarteslabs 2 the ID token is the token, unless there is an access token", async () => {
  const { open, server, token } = await world();
  const [id, access] = [token(3_600, { jti: "id" }), token(3_600, { jti: "access" })];
  server.replies.push({ body: { id_token: id } }, { body: { id_token: id, access_token: access } });
  const auth = open({ ...pair, tokenInfoPath: null });
  expect((await auth.getToken()).reveal()).toBe(id);
  expect((await auth.getToken({ forceRefresh: true })).reveal()).toBe(access);
});

test.each([{}, { access_token: null, id_token: null }, { access_token: 1 }])(
  "descarteslabs 3 SEC-31 an answer without a token is none: %j",
  async (body) => {
    const { open, server, list } = await world();
    server.always = { body };
    expect(await failure(open(pair).getToken())).toBe("INVALID/malformed-response");
    expect(list(".descarteslabs")).toEqual([]);
  },
);

test("descarteslabs 4 a scope is words in a line", async () => {
  const { open, server } = await world();
  await open({ ...pair, scope: ["openid", "name"] }).getToken();
  expect(server.received[0]?.body).toMatchObject({ scope: "openid name" });
});

test("descarteslabs 5 the older client asks otherwise, with a scope of five words", async () => {
  const { open, server } = await world();
  await open({ ...pair, clientId: legacyClient }).getToken();
  await open({ ...pair, clientId: legacyClient, scope: ["name"], tokenInfoPath: null }).getToken();
  const body = {
    scope: "openid name groups org email",
    client_id: legacyClient,
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    target: legacyClient,
    api_type: "app",
    refresh_token: sec,
  };
  expect(server.received.map((each) => each.body)).toEqual([body, { ...body, scope: "name" }]);
});

test("an empty scope is asked for as such, as by the original", async () => {
  const { open, server } = await world();
  await open({ ...pair, scope: [] }).getToken();
  await open({ ...pair, clientId: legacyClient, scope: [] }).getToken();
  expect(server.received.map((each) => (each.body as { scope?: string }).scope)).toEqual(["", ""]);
});

test("descarteslabs 30 SEC-54 ten callers at once: one request", async () => {
  const { open, asked } = await world();
  const auth = open(pair);
  const tokens = await Promise.all(Array.from({ length: 10 }, () => auth.getToken()));
  expect(new Set(tokens.map(({ id }) => id)).size).toBe(1);
  expect(asked()).toBe(1);
});

describe("descarteslabs 31 a request is sent again", () => {
  const usual = { ...pair, attempts: {}, tokenInfoPath: null } as const;

  test("five times, for what may pass", async () => {
    const { open, server, clock, asked } = await world();
    server.replies.push(...[500, 502, 503, 504, 429].map((status) => ({ status, body: "" })));
    await clock.until(open(usual).getToken());
    expect(asked()).toBe(6);
  });

  test.each([0, 0.999])("for most of a minute, and within it (chance: %d)", async (random) => {
    const clock = fakeClock({ random });
    const { open, server } = await world({ clock });
    const began = clock.monotonic();
    server.always = { status: 503, body: "" };
    expect(await clock.until(failure(open(usual).getToken()))).toBe("UNREACHABLE/server-error");
    const times = server.received.map(({ at }) => (at - (server.received[0]?.at ?? 0)) / 1_000);
    const share = 0.75 + random / 2;
    const pauses = [1, 4, 8, 12, 16].map((seconds) => seconds * share);
    expect(times.slice(1).map((at, i) => at - (times[i] ?? 0))).toEqual(
      pauses.map((s) => expect.closeTo(s, 1)),
    );
    expect(clock.monotonic() - began).toBeGreaterThan(30_000);
    expect(clock.monotonic() - began).toBeLessThan(60_000);
  });

  test("five times and not once more", async () => {
    const { open, server, clock, asked } = await world();
    server.always = { status: 500, body: "" };
    expect(await clock.until(failure(open(usual).getToken()))).toBe("UNREACHABLE/server-error");
    expect(asked()).toBe(6);
  });

  test.each([
    ["retries", { retries: 2 }],
    ["attempts", { attempts: { notProcessed: 3, unknownOutcome: 3 } }],
  ])("as often as %s says", async (_, options) => {
    const { open, server, clock, asked } = await world();
    server.always = { status: 502, body: "" };
    await clock.until(failure(open({ ...usual, ...options }).getToken()));
    expect(asked()).toBe(3);
  });

  test.each([400, 404, 409, 418, 422])("not after %i", async (status) => {
    const { open, server, asked } = await world();
    server.always = { status, body: { message: "no" } };
    const error = await thrownBy(open(usual).getToken());
    expect(isAuthError(error) && [error.code, error.reason, error.status]).toEqual([
      "ERR_AUTH_GRANT",
      "refused",
      status,
    ]);
    expect(asked()).toBe(1);
  });
});

describe("descarteslabs 32 the server says when to come back", () => {
  test.each([429, 503, 403, 413])("%i with Retry-After: no sooner", async (status) => {
    const { open, server, clock } = await world();
    server.replies.push({ status, headers: { "retry-after": "1" }, body: "" });
    await clock.until(open({ ...pair, attempts: {} }).getToken());
    const [first, second] = server.received.map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test.each([403, 413])("%i without: not again", async (status) => {
    const { open, server, asked } = await world();
    server.always = { status, body: "" };
    await failure(open({ ...pair, attempts: {} }).getToken());
    expect(asked()).toBe(1);
  });
});

test.each([
  [401, ""],
  [403, ""],
  [400, { error: "invalid_grant" }],
])("%i says that the credential is refused", async (status, body) => {
  const { open, server } = await world();
  server.always = { status, body };
  expect(await failure(open(pair).getToken())).toBe("GRANT/credential-rejected");
});

describe("the grant on its own", () => {
  const of = (clientId: string, secret: string) =>
    ({ type: "client-secret", clientId, clientSecret: new Secret(secret) }) as const;

  test("takes a client secret of any source", async () => {
    const { server, clock } = await world();
    const grant = descartesLabs({ domain: server.url });
    const env = { DESCARTESLABS_CLIENT_ID: cid, DESCARTESLABS_CLIENT_SECRET: sec };
    const auth = createAuth({ grant, credentials: fromEnv({ prefix: "DESCARTESLABS", env }), clock });
    expect((await auth.getToken()).expiresAt).toEqual(new Date(clock.now() + 86_400_000));
    expect((await auth.headers()).get("authorization")).toMatch(/^Bearer ey/);
  });

  test("SEC-10 refuses a secret that is none, before anything is sent", async () => {
    const { server, asked } = await world();
    const auth = createAuth({
      grant: descartesLabs({ domain: server.url }),
      credentials: fixed(of(cid, "a\nb")),
    });
    expect(await failure(auth.getToken())).toBe("INVALID/secret-format");
    expect(asked()).toBe(0);
  });

  test("SEC-55 tells clients, secrets, scopes and servers apart", async () => {
    const grant = descartesLabs();
    const at = (options: Parameters<typeof descartesLabs>[0]) =>
      descartesLabs(options).partition(of(cid, sec));
    const all = await Promise.all([
      grant.partition(of(cid, sec)),
      grant.partition(of("other", sec)),
      grant.partition(of(cid, "other")),
      at({ scope: ["a", "b"] }),
      at({ domain: "https://iam.staging.aws.descarteslabs.com" }),
    ]);
    expect(new Set(all).size).toBe(5);
    expect(await at({ scope: ["b", "a", "a"] })).toBe(all[3]);
    expect(await grant.partition()).toBeUndefined();
    expect(String(all)).not.toContain("=sec");
  });
});

test("SEC-33 a token that says no end is used until it is refused, and asked for once", async () => {
  const { open, server, token, asked } = await world();
  server.always = { body: { id_token: token(0, { exp: undefined }) } };
  const auth = open({ ...pair, tokenInfoPath: null });
  await auth.getToken();
  await auth.getToken();
  expect(asked()).toBe(1);
});

test("SEC-33 a token that has ended on arrival is refused", async () => {
  const { open, server, token } = await world();
  server.always = { body: { id_token: token(-1) } };
  expect(await failure(open(pair).getToken())).toBe("INVALID/expired-on-arrival");
});

test.each(["http://iam.example", "https://u:p@iam.example", "https://iam.example/?a", "iam.example", ""])(
  "SEC-20 SEC-21 a domain that is no safe address is refused: %j",
  (domain) => {
    expect(() => descartesLabs({ domain })).toThrow(TypeError);
  },
);
