import {
  type ClientSecretCredential,
  createAuth,
  fixed,
  memoryStore,
  type Provider,
  Secret,
} from "@auth/core";
import { canary, fakeClock, tokenServer } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCredentials, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { failure, hastyClock } from "./context.ts";
import { type RealServer, realServer } from "./real-server.ts";
import { json, scriptedServer, status, token } from "./scripted-server.ts";

const hour = 3_600_000;
let server: RealServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());

const started = (): number => server.tokenRequests.length;

describe("with a real authorization server", () => {
  test("SEC-54 ten thousand first callers, one token request; a second one when it expires", async () => {
    const clock = fakeClock({ now: Date.now() });
    const { id, secret } = server.basic;
    await using auth = createAuth({
      grant: clientCredentials({ issuer: server.issuer, scopes: ["api:read"] }),
      credentials: fixed({ type: "client-secret", clientId: id, clientSecret: new Secret(secret) }),
      clock,
    });
    const before = started();
    const tokens = await Promise.all(Array.from({ length: 10_000 }, () => auth.getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(started() - before).toBe(1);
    expect(await server.isActive((await auth.getToken()).reveal())).toBe(true);

    await clock.advance(hour);
    expect((await auth.getToken()).id).not.toBe(tokens[0]?.id);
    expect(started() - before).toBe(2);
  });

  test("SEC-56 SEC-58 two programs share one rotating login: one refresh per expiry, and no reuse", async () => {
    const clock = fakeClock({ now: Date.now() });
    const store = memoryStore();
    const credentials = fixed({
      type: "refresh-token",
      refreshToken: new Secret(await server.logIn(server.open.id)),
    } as const);
    const program = () => {
      const grant = refreshToken({ issuer: server.issuer, clientId: server.open.id });
      return createAuth({ grant, credentials, store, clock });
    };
    await using one = program();
    await using other = program();
    const before = started();
    for (let round = 1; round <= 3; round++) {
      await Promise.all([one, other, one, other].map((auth) => auth.getToken()));
      expect(server.tokenRequests.slice(before)).toEqual(
        Array.from({ length: round }, () => "refresh_token ok"),
      );
      await clock.advance(hour);
    }
  });

  test("SEC-67 logout revokes at the server", async () => {
    const credentials = fixed({
      type: "refresh-token",
      refreshToken: new Secret(await server.logIn(server.open.id)),
    } as const);
    const grant = refreshToken({ issuer: server.issuer, clientId: server.open.id });
    await using auth = createAuth({ grant, credentials });
    const accessToken = await auth.getToken();
    expect(await server.isActive(accessToken.reveal())).toBe(true);
    expect(await auth.logout()).toMatchObject({ complete: true });
    expect(await server.isActive(accessToken.reveal())).toBe(false);
  });
});

describe("when things go wrong", () => {
  test("SEC-63 the token endpoint dies: the token is served while it is good, and the endpoint left alone", async () => {
    const clock = hastyClock(Date.now(), 6_000);
    await using idp = await tokenServer({ clock });
    const { id, secret } = idp.client;
    await using auth = createAuth({
      grant: clientCredentials({ issuer: idp.issuer, timeoutMs: 60_000 }),
      credentials: fixed({ type: "client-secret", clientId: id, clientSecret: new Secret(secret) }),
      clock,
    });
    const good = await auth.getToken();
    await idp.fault({ status: 503 });
    clock.pass(hour - 200_000); // in the early window
    const before = idp.counts.tokenRequests;
    const served = await Promise.all(Array.from({ length: 100 }, () => auth.getToken()));
    expect(new Set(served)).toEqual(new Set([good]));
    await idp.arrived(before + 3); // behind the callers
    expect((await auth.getToken()).id).toBe(good.id);
    expect(idp.counts.tokenRequests - before).toBe(3);
  });

  test("SEC-61 a dead refresh token: the password is sent again, and the login lives on", async () => {
    const clock = hastyClock(Date.now(), 6_000);
    await using idp = await tokenServer({ clock });
    const warnings: (string | undefined)[] = [];
    await using auth = createAuth({
      grant: password({
        issuer: idp.issuer,
        clientId: idp.client.id,
        clientSecret: new Secret(idp.client.secret),
        timeoutMs: 60_000,
      }),
      credentials: fixed({
        type: "password",
        username: idp.user.name,
        password: new Secret(idp.user.password),
      }),
      clock,
      onEvent: ({ type, reason }) => type === "warning" && warnings.push(reason),
    });
    const grants = () => idp.requests.map(({ body }) => new URLSearchParams(body).get("grant_type"));
    await auth.getToken();
    clock.pass(hour);
    await auth.getToken();
    expect(grants()).toEqual([null, "password", "refresh_token"]);
    idp.revokeAll();
    clock.pass(hour);
    await auth.getToken();
    expect(grants().slice(3)).toEqual(["refresh_token", "password"]);
    expect(warnings).toEqual(["password-grant"]);
  });

  test("SEC-69 a rotated client secret heals itself: two requests, and a wrong one is final after one", async () => {
    await using idp = await tokenServer();
    const { id } = idp.client;
    const reads: boolean[] = [];
    const vault = (...secrets: string[]): Provider<ClientSecretCredential> => ({
      name: "vault",
      async get({ forceRefresh = false } = {}) {
        reads.push(forceRefresh);
        const secret = (secrets.length > 1 ? secrets.shift() : secrets[0]) as string;
        return { type: "client-secret", clientId: id, clientSecret: new Secret(secret) };
      },
    });
    const grant = () => clientCredentials({ issuer: idp.issuer, clientId: id });
    await using healed = createAuth({ grant: grant(), credentials: vault("old", idp.client.secret) });
    await healed.getToken();
    expect(reads).toEqual([false, true]);
    expect(idp.counts.tokenRequests).toBe(2);

    await using wrong = createAuth({ grant: grant(), credentials: vault("old") });
    expect(await failure(wrong.getToken())).toMatchObject({
      code: "ERR_AUTH_GRANT",
      reason: "credential-rejected",
    });
    expect(idp.counts.tokenRequests).toBe(3);
  });

  test("SEC-61 a refused refresh token is final: later calls send nothing", async () => {
    await using idp = await tokenServer();
    const clock = fakeClock({ now: Date.now() });
    const lost = canary("refresh-token");
    await using auth = createAuth({
      grant: refreshToken({
        issuer: idp.issuer,
        clientId: idp.client.id,
        clientSecret: new Secret(idp.client.secret),
      }),
      credentials: fixed({ type: "refresh-token", refreshToken: new Secret(lost.value) }),
      clock,
    });
    for (let call = 1; call <= 3; call++) {
      const error = await failure(auth.getToken());
      expect(error).toMatchObject({
        code: "ERR_AUTH_INTERACTION_REQUIRED",
        reason: "refresh-token-rejected",
      });
      lost.check(error);
    }
    expect(idp.counts.tokenRequests).toBe(1);
  });

  test("SEC-32 a salvaged refresh token is the one that is sent next", async () => {
    await using scripted = await scriptedServer(
      token({ expires_in: 3600, refresh_token: "second" }),
      json({ token_type: "bearer", refresh_token: "third" }), // no access token
      token({ access_token: "new", refresh_token: "fourth" }),
    );
    const clock = hastyClock(Date.UTC(2026, 0, 1), 6_000);
    await using auth = createAuth({
      grant: refreshToken({
        issuer: scripted.origin,
        tokenEndpoint: scripted.tokenEndpoint,
        clientId: "app",
        timeoutMs: 60_000,
      }),
      credentials: fixed({ type: "refresh-token", refreshToken: new Secret("first") }),
      policy: { failurePause: { firstMs: 0, maxMs: 0, longMs: 0 } },
      clock,
    });
    await auth.getToken();
    // Refused tokens are not served, so the failure shows.
    auth.reject(await auth.getToken());
    expect(await failure(auth.getToken())).toMatchObject({ reason: "malformed-response" });
    expect((await auth.getToken()).reveal()).toBe("new");
    const sent = scripted.requests.map(({ body }) => new URLSearchParams(body).get("refresh_token"));
    expect(sent).toEqual(["first", "second", "third"]);
  });

  test("SEC-36 a named login whose server moved is kept and not sent", async () => {
    const issuer = "https://idp.example";
    await using before = await scriptedServer(token({ refresh_token: "bound" }));
    await using after = await scriptedServer(token());
    const store = memoryStore();
    const at = (origin: string) =>
      createAuth({
        name: "work",
        grant: refreshToken({ issuer, tokenEndpoint: `${origin}/token`, clientId: "app", account: "alice" }),
        credentials: fixed({ type: "refresh-token", refreshToken: new Secret("first") }),
        store,
      });
    await using old = at(before.origin);
    await old.getToken();
    await using moved = at(after.origin);
    const error = await failure(moved.getToken({ forceRefresh: true }));
    expect(error).toMatchObject({ code: "ERR_AUTH_INTERACTION_REQUIRED", reason: "issuer-changed" });
    expect(after.requests).toEqual([]);
    expect((await old.getToken()).reveal()).toBe("at");
  });

  test("SEC-62 told to come back in a minute, nobody asks again before", async () => {
    const clock = fakeClock();
    await using scripted = await scriptedServer(status(429, { "retry-after": "60" }), token());
    await using auth = createAuth({
      grant: clientCredentials({ issuer: scripted.origin, tokenEndpoint: scripted.tokenEndpoint }),
      credentials: fixed({ type: "client-secret", clientId: "app", clientSecret: new Secret("s") }),
      clock,
    });
    expect(await failure(auth.getToken())).toMatchObject({ reason: "rate-limited", retryAfterMs: 60_000 });
    await clock.advance(59_000);
    expect(await failure(auth.getToken())).toMatchObject({ reason: "rate-limited", retryAfterMs: 1_000 });
    expect(scripted.requests.length).toBe(1);
    await clock.advance(1_000);
    expect((await auth.getToken()).reveal()).toBe("at");
  });
});
