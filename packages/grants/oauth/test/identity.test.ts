import { createHash } from "node:crypto";
import { Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { clientCredentials, type GrantOptions, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { scriptedServer, token } from "./scripted-server.ts";

const issuer = "https://idp.example";
const secret = canary("secret");
const client = { type: "client-secret", clientId: "app", clientSecret: new Secret(secret.value) } as const;
const held = { type: "refresh-token", refreshToken: new Secret(secret.value) } as const;
const alice = { type: "password", username: "alice", password: new Secret(secret.value) } as const;

describe("SEC-55 whose token it is", () => {
  test("SEC-55 everything that tells two logins apart is in it, and nothing secret", async () => {
    const partition = await clientCredentials({
      issuer,
      scopes: ["b", "a", "b"],
      audience: ["y", "x"],
      resource: "https://api.example",
    }).partition(client);
    expect(partition).toBe(
      "oauth issuer=https%3A%2F%2Fidp.example&client=app&scope=a+b&audience=x&audience=y&resource=https%3A%2F%2Fapi.example&subject=client",
    );
    secret.check(partition);
  });

  const variants: [string, Partial<GrantOptions>][] = [
    ["nothing", {}],
    ["another issuer", { issuer: "https://idp.example/" }],
    ["a token endpoint", { tokenEndpoint: "https://idp.example/realms/one/token" }],
    ["another realm's token endpoint", { tokenEndpoint: "https://idp.example/realms/two/token" }],
    ["a scope", { scopes: ["a"] }],
    ["two scopes", { scopes: ["a", "b"] }],
    ["an audience", { audience: "a" }],
    ["a resource", { resource: "https://a.example" }],
    ["an extra parameter", { extraParameters: { tenant: "1" } }],
    ["another value of it", { extraParameters: { tenant: "2" } }],
    ["an audience that looks like two", { audience: "a&resource=https://a.example" }],
    ["a scope that looks like an audience", { scopes: ["a&audience=b"] }],
  ];
  test("SEC-55 different logins have different keys", async () => {
    const keys = await Promise.all(
      variants.map(async ([, options]) => clientCredentials({ issuer, ...options }).partition(client)),
    );
    const people = [
      await clientCredentials({ issuer }).partition({ ...client, clientId: "other" }),
      await password({ issuer, clientId: "app" }).partition(alice),
      await password({ issuer, clientId: "app" }).partition({ ...alice, username: "bob" }),
      await refreshToken({ issuer, clientId: "app" }).partition(held),
    ];
    expect(new Set([...keys, ...people]).size).toBe(variants.length + people.length);
  });

  test("SEC-55 the order of scopes, audiences and parameters does not matter", async () => {
    const one = clientCredentials({
      issuer,
      scopes: ["a", "b"],
      audience: ["x", "y"],
      extraParameters: { p: "1", q: "2" },
    });
    const other = clientCredentials({
      issuer,
      scopes: ["b", "a"],
      audience: ["y", "x"],
      extraParameters: { q: "2", p: "1" },
    });
    expect(await one.partition(client)).toBe(await other.partition(client));
  });

  test("SEC-55 a person has one login by whatever grant", async () => {
    const account = "alice";
    expect(await password({ issuer, clientId: "app" }).partition(alice)).toBe(
      await refreshToken({ issuer, clientId: "app", account }).partition(),
    );
  });

  test("a client has one by secret and by key", async () => {
    const key = { type: "private-key", clientId: "app", privateKey: new Secret("x") } as const;
    expect(await privateKeyJwt({ issuer }).partition(key)).toBe(
      await clientCredentials({ issuer }).partition(client),
    );
  });

  test("SEC-55 a refresh token without an account is its own identity, by digest", async () => {
    const grant = refreshToken({ issuer, clientId: "app" });
    const partition = await grant.partition(held);
    const digest = createHash("sha256").update(secret.value).digest("base64url");
    expect(partition).toContain(`account=sha256%3A${digest}`);
    secret.check(partition);
    expect(await grant.partition({ ...held, refreshToken: new Secret("another") })).not.toBe(partition);
    const named = { ...held, account: "alice" };
    expect(await grant.partition(named)).toBe(
      await grant.partition({ ...named, refreshToken: new Secret("another") }),
    );
  });

  test("what is told up front needs no credential; what is not, does", async () => {
    expect(await clientCredentials({ issuer, clientId: "app" }).partition()).toBe(
      await clientCredentials({ issuer }).partition(client),
    );
    expect(await password({ issuer, clientId: "app", username: "alice" }).partition()).toBe(
      await password({ issuer, clientId: "app" }).partition(alice),
    );
    for (const grant of [
      clientCredentials({ issuer }),
      privateKeyJwt({ issuer }),
      password({ issuer, clientId: "app" }),
      refreshToken({ issuer, clientId: "app" }),
      refreshToken({ issuer, account: "alice" }),
    ])
      expect(await grant.partition()).toBeUndefined();
  });

  test("SEC-55 options and credential that name two identities are an error, and nothing is sent", async () => {
    await using server = await scriptedServer(token());
    const options = { issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "other" };
    const works = [
      () => clientCredentials(options).exchange(client, testContext()),
      async () => clientCredentials(options).partition(client),
      () => refreshToken(options).exchange({ ...held, clientId: "app" }, testContext()),
      async () => refreshToken({ ...options, account: "bob" }).partition({ ...held, account: "alice" }),
      () => password({ ...options, username: "bob" }).exchange(alice, testContext()),
    ];
    for (const work of works)
      expect(await failure(work())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "identity-mismatch" });
    expect(server.requests).toEqual([]);
  });
});

describe("a refresh token that comes with an access token", () => {
  const now = Date.UTC(2026, 0, 1);
  const options = (origin: string) => ({
    issuer: origin,
    tokenEndpoint: `${origin}/token`,
    clientId: "app",
    timeoutMs: 60_000,
  });
  const accessToken = new Secret("still-good");
  const exchange = async (more: object) => {
    await using server = await scriptedServer(token({ access_token: "new" }));
    const tokens = await refreshToken(options(server.origin)).exchange(
      { ...held, ...more },
      testContext({ clock: hastyClock(now) }),
    );
    return { tokens, requests: server.requests.length };
  };

  test("is used without a request while that is good", async () => {
    const accessTokenExpiresAt = new Date(now + 30_001);
    const { tokens, requests } = await exchange({ accessToken, accessTokenExpiresAt });
    expect(requests).toBe(0);
    expect(tokens.accessToken.reveal()).toBe("still-good");
    expect(tokens.accessToken.expiresAt).toEqual(accessTokenExpiresAt);
    expect(tokens.refreshToken?.reveal()).toBe(secret.value);
  });

  test.each([
    ["about to expire", { accessToken, accessTokenExpiresAt: new Date(now + 30_000) }],
    ["expired", { accessToken, accessTokenExpiresAt: new Date(now - 1) }],
    ["of unknown lifetime", { accessToken }],
    ["missing", { accessTokenExpiresAt: new Date(now + 3_600_000) }],
  ])("is sent when the access token is %s", async (_, more) => {
    const { tokens, requests } = await exchange(more);
    expect(requests).toBe(1);
    expect(tokens.accessToken.reveal()).toBe("new");
  });
});

describe("wrong options are a TypeError that names them", () => {
  test.each<[string, object]>([
    ["issuer", { issuer: undefined }],
    ["issuer", { issuer: "https://idp.example/?x=1" }],
    ["scopes", { scopes: ["a b"] }],
    ["scopes", { scopes: [""] }],
    ["scopes", { scopes: "ab" }],
    ["resource", { resource: "api" }],
    ["resource", { resource: "https://api.example/#x" }],
    ["extraParameters", { extraParameters: { client_secret: secret.value } }],
    ["extraParameters", { extraParameters: { grant_type: "password" } }],
    ["clientId", { clientId: "" }],
    ["maxResponseBytes", { maxResponseBytes: 0 }],
    ["revocationEndpoint", { revocationEndpoint: "https://idp.example/revoke" }],
  ])("%s", (name, options) => {
    const make = () => clientCredentials({ issuer, ...options } as GrantOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(name);
    expect(make).not.toThrow(secret.value);
  });

  test("password: clientId, and a secret where one is to be sent", () => {
    expect(() => password({ issuer } as never)).toThrow(/clientId/);
    expect(() => password({ issuer, clientId: "app", clientAuth: "post" })).toThrow(/clientSecret/);
  });
});
