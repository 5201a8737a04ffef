import { inspect } from "node:util";
import { type AuthError, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCredentials, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { failure, testContext } from "./context.ts";
import { realServer } from "./real-server.ts";
import { json, raw, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

let server: ScriptedServer;
let pem: string;
beforeAll(async () => {
  server = await scriptedServer();
  await using real = await realServer();
  pem = real.signing.keys.ES256.pem;
});
afterAll(() => server[Symbol.asyncDispose]());

const secret = canary("client-secret");
/** What URL, form and base64 encoding all change. */
const clientSecret = `+/% ${secret.value}`;
const person = canary("password");
const held = canary("refresh-token");

const exchanges = {
  "client credentials": (scripted: ScriptedServer) =>
    clientCredentials({ issuer: scripted.origin, tokenEndpoint: scripted.tokenEndpoint }).exchange(
      { type: "client-secret", clientId: "app", clientSecret: new Secret(clientSecret) },
      testContext(),
    ),
  "private key": (scripted: ScriptedServer) =>
    privateKeyJwt({ issuer: scripted.origin, tokenEndpoint: scripted.tokenEndpoint }).exchange(
      { type: "private-key", clientId: "app", privateKey: new Secret(pem) },
      testContext(),
    ),
  password: (scripted: ScriptedServer) =>
    password({
      issuer: scripted.origin,
      tokenEndpoint: scripted.tokenEndpoint,
      clientId: "app",
      clientSecret: new Secret(clientSecret),
    }).exchange({ type: "password", username: "alice", password: new Secret(person.value) }, testContext()),
  refresh: (scripted: ScriptedServer) =>
    refreshToken({
      issuer: scripted.origin,
      tokenEndpoint: scripted.tokenEndpoint,
      clientAuth: "post",
    }).exchange(
      {
        type: "refresh-token",
        refreshToken: new Secret(held.value),
        clientId: "app",
        clientSecret: new Secret(clientSecret),
      },
      testContext(),
    ),
};
type Exchange = keyof typeof exchanges;

async function refused(exchange: Exchange, body: object, status = 400): Promise<AuthError> {
  server.answer(json(body, status));
  const error = await failure(exchanges[exchange](server));
  for (const each of [secret, person, held]) each.check(error);
  return error as AuthError;
}

describe("what a refusal means to core", () => {
  test.each<[string, Exchange, string]>([
    ["invalid_grant", "refresh", "refresh-token-rejected"],
    ["invalid_grant", "password", "credential-rejected"],
    ["invalid_grant", "private key", "credential-rejected"],
    ["invalid_grant", "client credentials", "refused"],
    ["invalid_client", "refresh", "credential-rejected"],
    ["invalid_client", "password", "credential-rejected"],
    ["invalid_client", "private key", "credential-rejected"],
    ["invalid_client", "client credentials", "credential-rejected"],
    ["invalid_scope", "refresh", "refused"],
    ["invalid_request", "password", "refused"],
    ["unauthorized_client", "client credentials", "refused"],
    ["unsupported_grant_type", "password", "refused"],
  ])("SEC-61 SEC-69 %s on %s is %s", async (error, exchange, reason) => {
    expect(await refused(exchange, { error })).toMatchObject({
      name: "AuthError",
      code: "ERR_AUTH_GRANT",
      reason,
      error,
      status: 400,
      retryable: false,
    });
  });

  test.each<[string, number, string | null, string]>([
    ["an HTML page", 400, "text/html", "<p>invalid_grant</p>"],
    ["JSON called HTML", 400, "text/html", '{"error":"invalid_grant"}'],
    ["an empty body", 403, null, ""],
    ["a 5xx with the very word", 500, "application/json", '{"error":"invalid_grant"}'],
    ["a 429 with the very word", 429, "application/json", '{"error":"invalid_grant"}'],
    ["broken JSON", 400, "application/json", '{"error":"invalid_grant"'],
  ])("SEC-61 %s never condemns a refresh token", async (_, status, type, body) => {
    server.answer(raw(body, type === null ? {} : { "content-type": type }, status));
    const error = await failure(exchanges.refresh(server));
    expect(error).toMatchObject({ status });
    expect((error as AuthError).reason).not.toMatch(/rejected/);
  });
});

describe("SEC-5 the server's `error`", () => {
  test.each<[string, unknown]>([
    ["empty", ""],
    ["too long", "e".repeat(65)],
    ["with a quote", 'in"valid'],
    ["with a backslash", "in\\valid"],
    ["with a line break", "invalid\ngrant"],
    ["with an escape", "\u001b[31minvalid"],
    ["not ASCII", "ungültig"],
    ["a number", 400],
    ["an object", { code: "invalid_grant" }],
    ["a list", ["invalid_grant"]],
    ["true", true],
    ["the secret itself", clientSecret],
    ["with the secret in it", `no ${clientSecret}`],
  ])("SEC-5 %s is unrecognized_error", async (_, error) => {
    expect(await refused("client credentials", { error })).toMatchObject({
      reason: "refused",
      error: "unrecognized_error",
    });
  });

  test.each(["e".repeat(64), "slow_down", "urn:idp:locked", "a b!#[]~"])(
    "SEC-5 %s is kept",
    async (error) => {
      expect(await refused("client credentials", { error })).toMatchObject({ error });
    },
  );

  test("SEC-5 a secret that is spelled like an error code does not hide it", async () => {
    server.answer(json({ error: "invalid_client" }, 401));
    const grant = clientCredentials({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint });
    const credential = {
      type: "client-secret",
      clientId: "app",
      clientSecret: new Secret("client"),
    } as const;
    expect(await failure(grant.exchange(credential, testContext()))).toMatchObject({
      error: "invalid_client",
    });
  });
});

describe("SEC-5 the server's description", () => {
  const describe_ = async (error_description: unknown, exchange: Exchange = "password") =>
    (await refused(exchange, { error: "invalid_request", error_description })).message;

  test("SEC-5 is shown", async () => {
    expect(await describe_("the scope is missing")).toContain("“the scope is missing”");
  });

  test.each<[string, Exchange, (() => string) | string]>([
    ["the password", "password", person.value],
    ["the client secret", "password", clientSecret],
    ["the secret, URL-encoded", "password", encodeURIComponent(clientSecret)],
    ["the secret, in lower-case escapes", "password", encodeURIComponent(clientSecret).toLowerCase()],
    ["the secret as a form has it", "refresh", new URLSearchParams({ a: clientSecret }).toString().slice(2)],
    ["the secret in base64", "password", btoa(clientSecret)],
    ["the secret in base64url", "refresh", Buffer.from(clientSecret).toString("base64url")],
    ["the Basic header", "password", () => server.requests.at(-1)?.headers.authorization ?? ""],
    ["the refresh token", "refresh", held.value],
    ["the refresh token split by invisible characters", "refresh", held.value.split("").join("\u200b")],
    ["the refresh token split by bidi marks", "refresh", held.value.split("").join("\u202e")],
    [
      "the assertion",
      "private key",
      () => new URLSearchParams(server.requests.at(-1)?.body).get("client_assertion") ?? "",
    ],
  ])("SEC-5 masks %s", async (_, exchange, quoted) => {
    let said = "";
    server.answer((response, request) => {
      said = typeof quoted === "string" ? quoted : quoted();
      json({ error: "invalid_request", error_description: `I got ${said}, thanks` }, 400)(response, request);
    });
    const error = (await failure(exchanges[exchange](server))) as AuthError;
    for (const each of [secret, person, held]) each.check(error);
    expect(said).not.toBe("");
    expect(error.message).toContain("[secret], thanks");
  });

  test("SEC-5 masks a secret at the cut, too", async () => {
    const message = await describe_(`${"x".repeat(190)}${person.value}`);
    expect(message).toContain(`${"x".repeat(190)}[secret]`);
  });

  test("SEC-5 SEC-123 loses control, bidi and invisible characters", async () => {
    const message = await describe_("a\u0000b\u001b[2Jc\u009bd\u202ee\u2066f\u200bg\u2028h\r\ni\ud800j");
    expect(message).toContain("“ab[2Jcdefghij”");
  });

  test("SEC-5 is cut to 200 characters, and never through a pair", async () => {
    expect(await describe_("x".repeat(300))).toContain(`“${"x".repeat(200)}”`);
    expect(await describe_(`${"x".repeat(199)}😀`)).toContain(`“${"x".repeat(199)}”`);
  });

  test.each<[unknown]>([[undefined], [null], [5], [{ a: 1 }], [["a"]], [""], ["\u0000\u200b"]])(
    "SEC-5 %j is no description",
    async (error_description) => {
      expect(await describe_(error_description)).not.toMatch(/says/);
    },
  );

  test("SEC-5 error_uri is dropped", async () => {
    const error = await refused("password", {
      error: "invalid_request",
      error_uri: "https://evil.example/x",
    });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("evil");
  });

  test("SEC-7 a description made to be slow is not searched", async () => {
    const slow = canary("slow");
    const long = `b${"a".repeat(60_000)}`;
    server.answer(json({ error: "invalid_request", error_description: "a".repeat(1_000_000) }, 400));
    const grant = refreshToken({
      issuer: server.origin,
      tokenEndpoint: server.tokenEndpoint,
      clientId: "app",
    });
    const credential = { type: "refresh-token", refreshToken: new Secret(long + slow.value) } as const;
    const error = (await failure(grant.exchange(credential, testContext()))) as AuthError;
    expect(error.message).not.toMatch(/says/);
    slow.check(error);
  });
});

describe("SEC-10 what cannot travel is refused before anything is sent", () => {
  test.each<[string, string]>([
    ["a line break", "secret\n"],
    ["CR LF", "a\r\nb"],
    ["NUL", "a\0b"],
    ["an escape", "a\u001bb"],
    ["a C1 control", "a\u0085b"],
    ["half a pair", "a\ud800"],
    ["nothing", ""],
  ])("SEC-10 %s", async (_, text) => {
    const before = server.requests.length;
    const facts = { source: "env ACME" };
    const options = { issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" };
    const value = new Secret(text);
    for (const work of [
      clientCredentials(options).exchange(
        { type: "client-secret", clientId: "app", clientSecret: value, ...facts },
        testContext(),
      ),
      clientCredentials(options).exchange(
        { type: "client-secret", clientId: "app", clientSecret: value, ...facts },
        testContext(),
      ),
      refreshToken(options).exchange({ type: "refresh-token", refreshToken: value, ...facts }, testContext()),
      password(options).exchange(
        { type: "password", username: "alice", password: value, ...facts },
        testContext(),
      ),
    ]) {
      const error = (await failure(work)) as AuthError;
      expect(error).toMatchObject({
        code: "ERR_AUTH_INVALID",
        reason: "secret-format",
        provider: "env ACME",
      });
    }
    expect(server.requests.length).toBe(before);
  });
});
