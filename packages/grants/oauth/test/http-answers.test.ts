import type { AuthError } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttp, type HttpOptions, type HttpRequest, type ServerFacts } from "../src/http.ts";
import { failure, testContext } from "./context.ts";
import { json, raw, type Script, type ScriptedServer, scriptedServer, status } from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const secret = canary("password");
const at = (options: HttpOptions & ServerFacts = {}) =>
  createHttp("acme", `${server.origin}/sso/`, { timeoutMs: 60_000, ...options });
const post = { endpoint: "token endpoint", method: "POST", repeat: "freely" } as const;
const call = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  ...post,
  url: `${at().url}/token`,
  ...more,
});

describe("what comes back", () => {
  const get = { endpoint: "account", method: "GET", url: "", repeat: "freely" } as const;
  const ask = (expect?: "object" | "list" | "nothing") =>
    at().send({ ...get, url: `${at().url}/x`, ...(expect && { expect }) }, testContext());

  test("SEC-13 an object, with nothing inherited", async () => {
    server.answer(json({ name: "alice" }, 201));
    const { body, status } = await at().send({ ...get, url: `${at().url}/x` }, testContext());
    expect({ status, name: body["name"] }).toEqual({ status: 201, name: "alice" });
    expect(body["constructor"]).toBeUndefined();
  });

  test("a list, or nothing that anybody looks at", async () => {
    server.answer(json([1, 2]));
    expect(await ask("list")).toEqual({ status: 200, body: [1, 2] });
    for (const script of [status(204), status(200), raw("OK", { "content-type": "text/plain" })]) {
      server.answer(script);
      expect((await ask("nothing")).body).toBeUndefined();
    }
  });

  test.each<[string, "object" | "list", Script]>([
    ["an array", "object", json([])],
    ["an object", "list", json({})],
    ["nothing", "object", status(204)],
    ["HTML", "object", raw("<p>", { "content-type": "text/html" })],
    ["a key twice", "object", json('{"a":1,"a":2}')],
    [
      "broken UTF-8",
      "list",
      raw(new Uint8Array([91, 34, 255, 34, 93]), { "content-type": "application/json" }),
    ],
  ])("SEC-30 %s is no %s", async (_, expected, script) => {
    server.answer(script);
    expect(await failure(ask(expected))).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "malformed-response",
    });
  });

  test("SEC-23 SEC-29 no redirect, and no end without end", async () => {
    server.answer(status(307, { location: "https://evil.example/" }));
    const before = server.requests.length;
    expect(await failure(ask("nothing"))).toMatchObject({ reason: "redirect" });
    expect(server.requests.length - before).toBe(1);
    server.answer(json({ pad: "x".repeat(2_000) }));
    const small = at({ maxResponseBytes: 1_000 }).send(
      { ...get, url: `${at().url}/x`, expect: "nothing" },
      testContext(),
    );
    expect(await failure(small)).toMatchObject({ reason: "response-too-large" });
  });
});

describe("what a refusal means", () => {
  test("the service says", async () => {
    server.answer(raw("Unauthorized", { "content-type": "text/plain" }, 401));
    const refused: HttpRequest["refused"] = ({ status, body, error }) =>
      status === 401 && !body
        ? error("ERR_AUTH_GRANT", "refresh-token-rejected", "refused it. Log in again.")
        : undefined;
    const error = (await failure(at().send(call({ refused }), testContext()))) as AuthError;
    expect(error).toMatchObject({
      code: "ERR_AUTH_GRANT",
      reason: "refresh-token-rejected",
      status: 401,
      provider: at().name,
    });
    expect(error.message).toBe(
      `acme ${server.origin}: the token endpoint at ${server.origin} refused it. Log in again.`,
    );
  });

  test.each<[HttpRequest["repeat"], string, string]>([
    ["once", "invalid_grant", "credential-rejected"],
    ["refresh", "invalid_grant", "refresh-token-rejected"],
    ["freely", "invalid_grant", "refused"],
    ["freely", "invalid_client", "credential-rejected"],
  ])("or else the RFC: %s, %s", async (repeat, error, reason) => {
    server.answer(json({ error }, 401));
    const refused = () => undefined;
    expect(await failure(at().requestTokens(call({ repeat, refused }), testContext()))).toMatchObject({
      code: "ERR_AUTH_GRANT",
      reason,
      error,
      status: 401,
    });
  });

  const latin = (text: string): string => btoa(text);
  test.each<[string, Partial<HttpRequest>]>([
    ["a form", { body: { form: { password: secret.value } } }],
    ["JSON, however deep", { body: { json: { deep: [{ password: secret.value }] } } }],
    ["a bearer header", { headers: { authorization: `Bearer ${secret.value}` } }],
    ["a basic header", { headers: { Authorization: `Basic ${latin(`us:${secret.value}`)}` } }],
    [
      "a basic header with an odd password",
      { headers: { authorization: `Basic ${latin(`us:%zz:${secret.value}`)}` } },
    ],
    ["a header of its own", { headers: { "X-Api-Key": secret.value } }],
  ])("SEC-5 the server's text is quoted without the secrets of %s", async (_, more) => {
    server.answer((response, request) => {
      const { authorization, "x-api-key": key } = request.headers;
      const login = authorization?.startsWith("Basic ") ? atob(authorization.slice(6)).slice(3) : undefined;
      const message = `no: ${login ?? secret.value} ${authorization} ${String(key)} ${request.body} \u202e`;
      json({ error: "nope", message }, 403)(response, request);
    });
    let quoted: string | undefined;
    const refused: HttpRequest["refused"] = ({ body, quote, error }) => {
      quoted = quote(body?.["message"]);
      return error("ERR_AUTH_GRANT", "refused", `refused it and says: “${quoted}”.`);
    };
    const error = await failure(at().send(call({ ...more, refused }), testContext()));
    expect(quoted).toMatch(/^no:.*\[secret\]/);
    expect(error).toMatchObject({ status: 403, error: "nope" });
    secret.check([error, quoted]);
    secret.check(await failure(at().send(call(more), testContext())));
  });

  test("SEC-31 an `error` in a token answer is a failure whatever the status; elsewhere it is a field", async () => {
    server.answer(json({ error: "invalid_grant", access_token: "at", token_type: "bearer" }));
    expect(await failure(at().requestTokens(call(), testContext()))).toMatchObject({ reason: "refused" });
    expect((await at().send(call(), testContext())).body["error"]).toBe("invalid_grant");
  });
});
