import { describe, expect, test } from "vitest";
import { fakeClock, raceProcesses, tokenServer } from "../src/index.ts";
import { basic, clientOf, type Form, post, refresh, resource, token } from "./server/ask.ts";

describe("the answers", () => {
  test("client credentials: a bearer token, no refresh token, not to be cached", async () => {
    await using server = await tokenServer({ expiresIn: 300 });
    const { status, body, response } = await token(server, {
      grant_type: "client_credentials",
      scope: "a b",
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 300,
      scope: "a b",
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await resource(server, body["access_token"] ?? "")).toBe(200);
    expect(await resource(server, "made up")).toBe(401);
    expect(server.counts).toMatchObject({
      tokenRequests: 1,
      clientCredentials: 1,
      resources: 2,
      unauthorized: 1,
    });
  });

  test("the client authenticates by Basic, form-encoded, or in the body, not both", async () => {
    await using server = await tokenServer();
    server.clients.set("a:b %", "c+d/ü");
    const form = { grant_type: "client_credentials" };
    expect((await post(server.tokenEndpoint, form, basic("a:b %", "c+d/ü"))).status).toBe(200);
    const wrong = await post(server.tokenEndpoint, form, basic("a:b %", "wrong"));
    expect([wrong.status, wrong.body]).toEqual([401, { error: "invalid_client" }]);
    expect(wrong.response.headers.get("www-authenticate")).toMatch(/^Basic/);
    const both = await post(server.tokenEndpoint, { ...form, ...clientOf(server) }, basic("a:b %", "c+d/ü"));
    expect([both.status, both.body]).toEqual([400, { error: "invalid_request" }]);
  });

  test.each<[string, Form, string]>([
    ["no grant type", {}, "invalid_request"],
    ["an unknown one", { grant_type: "magic" }, "unsupported_grant_type"],
    ["a wrong password", { grant_type: "password", username: "alice", password: "x" }, "invalid_grant"],
    ["no password", { grant_type: "password", username: "alice" }, "invalid_request"],
    ["an unknown refresh token", { grant_type: "refresh_token", refresh_token: "x" }, "invalid_grant"],
    ["no refresh token", { grant_type: "refresh_token" }, "invalid_request"],
  ])("%s is refused", async (_, form, error) => {
    await using server = await tokenServer();
    expect(await token(server, form)).toMatchObject({ status: 400, body: { error } });
    expect(server.counts.refusals).toBe(1);
  });

  test("a field given twice, another method, another type are refused", async () => {
    await using server = await tokenServer();
    const body = new URLSearchParams([...Object.entries(clientOf(server)), ["scope", "a"], ["scope", "b"]]);
    expect((await fetch(server.tokenEndpoint, { method: "POST", body })).status).toBe(400);
    expect((await fetch(server.tokenEndpoint)).status).toBe(400);
    expect((await fetch(server.tokenEndpoint, { method: "POST", body: "{}" })).status).toBe(400);
    expect((await fetch(`${server.issuer}/elsewhere`)).status).toBe(404);
  });

  test("a public client has no secret, and no tokens of its own", async () => {
    await using server = await tokenServer();
    server.clients.set("cli", "");
    const login = { grant_type: "password", username: server.user.name, password: server.user.password };
    expect((await post(server.tokenEndpoint, { client_id: "cli", ...login })).status).toBe(200);
    const own = await post(server.tokenEndpoint, { client_id: "cli", grant_type: "client_credentials" });
    expect(own.body).toEqual({ error: "unauthorized_client" });
  });

  test("rotation: a refresh token is good once; the second use ends the whole family", async () => {
    await using server = await tokenServer();
    const login = await token(server, {
      grant_type: "password",
      username: "alice",
      password: server.user.password,
    });
    const first = login.body["refresh_token"] ?? "";
    const second = await refresh(server, first);
    expect(second.body["refresh_token"]).not.toBe(first);
    expect(await resource(server, second.body["access_token"] ?? "")).toBe(200);

    expect(await refresh(server, first)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(await resource(server, second.body["access_token"] ?? "")).toBe(401);
    expect((await refresh(server, second.body["refresh_token"] ?? "")).body).toEqual({
      error: "invalid_grant",
    });
    expect(server.counts).toMatchObject({ families: 1, passwords: 1, refreshes: 1, reuses: 1, refusals: 2 });
  });

  test("of concurrent uses of one refresh token one succeeds, and its tokens are dead too", async () => {
    await using server = await tokenServer();
    const seed = server.seedRefreshToken({ scope: "read" });
    const answers = await Promise.all([refresh(server, seed), refresh(server, seed), refresh(server, seed)]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect((await refresh(server, won[0]?.body["refresh_token"] ?? "")).status).toBe(400);
    expect(server.counts).toMatchObject({ refreshes: 1, reuses: 2 });
  });

  test("without rotation the refresh token stays, and is not repeated", async () => {
    await using server = await tokenServer({ refreshTokens: "keep" });
    const seed = server.seedRefreshToken({ scope: "a b" });
    for (let time = 0; time < 2; time++) {
      const { status, body } = await refresh(server, seed);
      expect([status, body["scope"], "refresh_token" in body]).toEqual([200, "a b", false]);
    }
    const narrow = { grant_type: "refresh_token", refresh_token: seed, scope: "a" };
    expect((await token(server, narrow)).body["scope"]).toBe("a");
    expect((await token(server, { ...narrow, scope: "a c" })).body).toEqual({ error: "invalid_scope" });
    await using bare = await tokenServer({ refreshTokens: "none" });
    const login = { grant_type: "password", username: "alice", password: bare.user.password };
    expect((await token(bare, login)).body).not.toHaveProperty("refresh_token");
  });

  test("another client's refresh token is refused, and stays good", async () => {
    await using server = await tokenServer();
    server.clients.set("other", "secret");
    const seed = server.seedRefreshToken();
    const theirs = {
      client_id: "other",
      client_secret: "secret",
      grant_type: "refresh_token",
      refresh_token: seed,
    };
    expect((await post(server.tokenEndpoint, theirs)).body).toEqual({ error: "invalid_grant" });
    expect((await refresh(server, seed)).status).toBe(200);
  });

  test("revocation: of an access token, of a refresh token with its access tokens, of an unknown one", async () => {
    await using server = await tokenServer();
    const revoke = (text: string): ReturnType<typeof post> =>
      post(server.revocationEndpoint, { ...clientOf(server), token: text });
    const one = await refresh(server, server.seedRefreshToken());
    expect((await revoke(one.body["access_token"] ?? "")).status).toBe(200);
    expect(await resource(server, one.body["access_token"] ?? "")).toBe(401);
    const two = await refresh(server, one.body["refresh_token"] ?? "");
    expect((await revoke(two.body["refresh_token"] ?? "")).status).toBe(200);
    expect(await resource(server, two.body["access_token"] ?? "")).toBe(401);
    expect((await refresh(server, two.body["refresh_token"] ?? "")).status).toBe(400);
    expect((await revoke("made up")).status).toBe(200);
    expect((await post(server.revocationEndpoint, { token: "x" })).status).toBe(401);
    const three = await refresh(server, server.seedRefreshToken());
    server.revokeAll();
    expect(await resource(server, three.body["access_token"] ?? "")).toBe(401);
    expect(server.counts).toMatchObject({ revocations: 4, reuses: 0 });
  });

  test("access tokens end by the server's clock", async () => {
    const clock = fakeClock();
    await using server = await tokenServer({ clock, expiresIn: 300 });
    const { body } = await token(server, { grant_type: "client_credentials" });
    await clock.advance(299_999);
    expect(await resource(server, body["access_token"] ?? "")).toBe(200);
    await clock.advance(1);
    expect(await resource(server, body["access_token"] ?? "")).toBe(401);
    await using lasting = await tokenServer({ clock, expiresIn: null });
    const answer = await token(lasting, { grant_type: "client_credentials" });
    expect(answer.body).not.toHaveProperty("expires_in");
    await clock.advance(1e12);
    expect(await resource(lasting, answer.body["access_token"] ?? "")).toBe(200);
  });

  test("metadata at both well-known places", async () => {
    await using server = await tokenServer();
    for (const name of ["openid-configuration", "oauth-authorization-server"]) {
      const metadata = await (await fetch(`${server.issuer}/.well-known/${name}`)).json();
      expect(metadata).toMatchObject({
        issuer: server.issuer,
        token_endpoint: server.tokenEndpoint,
        revocation_endpoint: server.revocationEndpoint,
      });
    }
    expect(server.counts.discoveries).toBe(2);
  });

  test("what came in can be looked at, and every secret can be looked for", async () => {
    await using server = await tokenServer();
    const { body } = await token(server, { grant_type: "client_credentials" });
    expect(server.requests).toMatchObject([{ method: "POST", path: "/token", headers: { accept: "*/*" } }]);
    server.check("harmless", new URL(server.issuer));
    for (const secret of [body["access_token"], server.client.secret, server.user.password])
      expect(() => server.check({ deep: { text: `x${secret}` } })).toThrow(/leaks/);
  });

  test("other processes share it, and read its counts", async () => {
    await using server = await tokenServer();
    const script = new URL("racers/refresh.ts", import.meta.url);
    const input = {
      url: server.tokenEndpoint,
      form: { ...clientOf(server), grant_type: "client_credentials" },
    };
    const results = await raceProcesses({ script, count: 3, input });
    expect(results.map(({ reports }) => reports)).toEqual([[200], [200], [200]]);
    expect(await (await fetch(server.countsUrl)).json()).toMatchObject({ requests: 3, clientCredentials: 3 });
  });
});
