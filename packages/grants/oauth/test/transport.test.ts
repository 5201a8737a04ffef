import { Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCredentials, type GrantOptions, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { failure, testContext } from "./context.ts";
import { json, type ScriptedServer, scriptedServer, status, token } from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const secret = canary("client-secret");
const credential = {
  type: "client-secret",
  clientId: "app",
  clientSecret: new Secret(secret.value),
} as const;
const at = (tokenEndpoint: string, more: Partial<GrantOptions> = {}) =>
  clientCredentials({ issuer: "https://idp.example", tokenEndpoint, ...more });

const factories: Record<string, (options: GrantOptions) => unknown> = {
  clientCredentials,
  privateKeyJwt,
  refreshToken,
  password: (options) => password({ clientId: "app", ...options }),
};

describe.each(Object.entries(factories))("%s checks its addresses before it does anything", (_, make) => {
  test("a host name without its https is shown, with what to write", () => {
    for (const issuer of ["idp.example", "login.idp.example/realms/main"])
      expect(String(thrownBy(() => make({ issuer })))).toContain(
        `issuer is not an absolute URL: "${issuer}". Write "https://${issuer}"`,
      );
  });

  test.each([
    ["plain http", "http://idp.example"],
    ["http beside an allowed origin", "http://allowed.example:81"],
    ["localhost with a dot", "http://localhost."],
    ["a name that begins with localhost", "http://localhost.evil.example"],
    ["another scheme", "ftp://idp.example"],
    ["no URL", "Not-A-Host"],
    ["something like a token", "eyj0.eyjz.c2ln"],
    ["a long label", `${"a1".repeat(16)}.example`],
    ["userinfo", "https://user:hunter2@idp.example"],
    ["a fragment", "https://idp.example/#hunter2"],
    ["an empty fragment", "https://idp.example/#"],
  ])("SEC-20 SEC-21 %s is a TypeError that does not quote it", (_, url) => {
    const allowInsecureOrigins = ["http://allowed.example"];
    for (const options of [
      { issuer: url },
      { issuer: "https://idp.example", tokenEndpoint: url },
      { issuer: "https://idp.example", tokenEndpoint: "https://idp.example/t", revocationEndpoint: url },
    ]) {
      const thrown = thrownBy(() => make({ ...options, allowInsecureOrigins }));
      expect(thrown).toBeInstanceOf(TypeError);
      expect(String(thrown)).not.toContain("hunter2");
      expect(String(thrown)).not.toContain(url);
    }
  });

  test.each([
    "https://idp.example",
    "https://idp.example:8443/tenant",
    "http://127.0.0.1:8080",
    "http://[::1]:8080",
    "http://localhost:8080",
    "http://allowed.example",
  ])("SEC-20 %s is fine", (issuer) => {
    expect(() => make({ issuer, allowInsecureOrigins: ["http://allowed.example"] })).not.toThrow();
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

test.each([
  ["https://idp.example"],
  ["http://idp.example/"],
  ["http://*.example"],
  ["idp.example"],
  ["http://a.example/x"],
])("SEC-20 allowInsecureOrigins takes http origins, one by one: not %s", (origin) => {
  expect(() => at("https://idp.example/t", { allowInsecureOrigins: [origin] })).toThrow(TypeError);
});

test("SEC-20 an insecure endpoint learned from metadata gets nothing", async () => {
  for (const token_endpoint of ["http://idp.example/token", "https://user:pw@idp.example/token"]) {
    server.answer(json({ issuer: server.origin, token_endpoint }));
    const fetched: string[] = [];
    const context = testContext({
      fetch: (input, init) => {
        fetched.push(new Request(input).url);
        return fetch(input, init);
      },
    });
    const error = await failure(clientCredentials({ issuer: server.origin }).exchange(credential, context));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "insecure-transport" });
    expect(fetched).toEqual([`${server.origin}/.well-known/openid-configuration`]);
    secret.check(error);
  }
});

test("SEC-20 an allowed insecure origin is used with one warning", async () => {
  server.answer(token());
  const origin = "http://closed.example";
  const grant = at(`${origin}/token`, { allowInsecureOrigins: [origin] });
  const context = testContext({ fetch: (_, init) => fetch(server.tokenEndpoint, init) });
  await grant.exchange(credential, context);
  await grant.exchange(credential, context);
  expect(context.warnings).toEqual(["insecure-transport"]);
});

test("SEC-20 loopback is used without a warning", async () => {
  server.answer(token());
  const context = testContext();
  await at(server.tokenEndpoint).exchange(credential, context);
  expect(context.warnings).toEqual([]);
});

test.each([300, 301, 302, 303, 304, 307, 308])("SEC-23 a %d is not followed", async (code) => {
  await using target = await scriptedServer(token());
  server.answer(status(code, { location: `${target.origin}/steal?x=1` }));
  const before = server.requests.length;
  const error = await failure(at(server.tokenEndpoint).exchange(credential, testContext()));
  expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "redirect", status: code });
  expect((error as Error).message).toContain(target.origin);
  expect((error as Error).message).not.toContain("steal");
  expect(server.requests.length - before).toBe(1);
  expect(target.requests).toEqual([]);
  secret.check(error);
});

test("SEC-23 a redirect without a target, and one of the metadata, are not followed either", async () => {
  server.answer(status(302));
  expect(await failure(at(server.tokenEndpoint).exchange(credential, testContext()))).toMatchObject({
    reason: "redirect",
  });
  server.answer(status(302, { location: "/elsewhere" }));
  const before = server.requests.length;
  expect(
    await failure(clientCredentials({ issuer: server.origin }).exchange(credential, testContext())),
  ).toMatchObject({ reason: "redirect" });
  expect(server.requests.length - before).toBe(1);
});

test("SEC-35 SEC-37 how a token request looks", async () => {
  server.answer(token());
  const caches: unknown[] = [];
  const context = testContext({
    fetch: (input, init) => {
      caches.push(init?.cache);
      return fetch(input, init);
    },
  });
  await at(server.tokenEndpoint, {
    scopes: ["b", "a"],
    audience: "https://api.example",
    resource: ["https://b.example", "https://a.example"],
    extraParameters: { tenant: "7" },
  }).exchange({ ...credential, clientId: "a b:c" }, context);
  const { method, path, headers, body } = server.requests.at(-1) ?? {};
  expect({ method, path, accept: headers?.accept, cache: headers?.["cache-control"] }).toEqual({
    method: "POST",
    path: "/token",
    accept: "application/json",
    cache: "no-store",
  });
  expect(caches).toEqual(["no-store"]);
  expect(headers?.["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
    grant_type: "client_credentials",
    scope: "a b",
    audience: "https://api.example",
    tenant: "7",
  });
  expect(new URLSearchParams(body).getAll("resource")).toEqual(["https://a.example", "https://b.example"]);
  expect(body).not.toContain(secret.value);
  const basic = atob(headers?.authorization?.slice("Basic ".length) ?? "");
  expect(basic.split(":")[0]).toBe("a+b%3Ac");
  expect(decodeURIComponent(basic.split(":")[1] ?? "")).toBe(secret.value);
});

test("scopes of this login are asked for besides the configured ones", async () => {
  server.answer(token());
  await at(server.tokenEndpoint, { scopes: ["b", "c"] }).exchange(
    credential,
    testContext({ scopes: ["a", "b"] }),
  );
  expect(new URLSearchParams(server.requests.at(-1)?.body).get("scope")).toBe("a b c");
});
