import { canary } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttp, type HttpOptions, type HttpRequest, type ServerFacts } from "../src/http.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { json, reset, type Script, type ScriptedServer, scriptedServer, status } from "./scripted-server.ts";

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
const last = () => server.requests.at(-1);

describe("the address", () => {
  test("has no slash at its end, and names the grant", () => {
    expect(at()).toMatchObject({ url: `${server.origin}/sso`, name: `acme ${server.origin}` });
  });

  test.each([
    "http://acme.example",
    "ftp://acme.example",
    "Acme_Example",
    "https://user:hunter2@acme.example",
    "https://acme.example/#hunter2",
    "https://acme.example/?hunter2",
  ])("SEC-20 SEC-21 %s is a TypeError that names the app's option and does not quote it", (url) => {
    let thrown: unknown;
    try {
      createHttp("acme", url, { option: "server" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(String(thrown)).toContain("acme: server ");
    expect(String(thrown)).not.toContain("hunter2");
    expect(String(thrown)).not.toContain(url);
  });

  test("SEC-20 one that was learned later gets nothing if it is insecure", async () => {
    let sent = 0;
    const context = testContext({
      fetch: (input, init) => {
        sent++;
        return fetch(input, init);
      },
    });
    for (const url of ["http://acme.example/token", "https://user:pw@acme.example/token"])
      expect(await failure(at().send(call({ url }), context))).toMatchObject({
        code: "ERR_AUTH_INVALID",
        reason: "insecure-transport",
      });
    expect(await failure(at().send(call({ url: "/token" }), context))).toBeInstanceOf(TypeError);
    expect(sent).toBe(0);
  });

  test("SEC-20 an insecure origin that the app allows is used with one warning", async () => {
    server.answer(json({}));
    const origin = "http://closed.example";
    const http = createHttp("acme", origin, { allowInsecureOrigins: [origin] });
    const context = testContext({ fetch: (_, init) => fetch(server.tokenEndpoint, init) });
    await http.send(call({ url: `${http.url}/a` }), context);
    await http.send(call({ url: `${http.url}/b` }), context);
    expect(context.warnings).toEqual(["insecure-transport"]);
  });

  test.each([{ timeoutMs: 0 }, { maxResponseBytes: 0.5 }, { attempts: { notProcessed: 11 } }])(
    "%j is a TypeError",
    (limit) => {
      expect(() => at(limit)).toThrow(TypeError);
    },
  );
});

describe("what goes out", () => {
  test("SEC-37 a form: its content type bare, its values encoded", async () => {
    server.answer(json({}));
    await at().send(
      call({ body: { form: { username: "ä&b", password: "p w+&=%" } }, headers: { "X-Group": "7" } }),
      testContext(),
    );
    const { method, path, headers, body } = last() ?? {};
    expect({ method, path, type: headers?.["content-type"], group: headers?.["x-group"] }).toEqual({
      method: "POST",
      path: "/sso/token",
      type: "application/x-www-form-urlencoded",
      group: "7",
    });
    expect([...new URLSearchParams(body)]).toEqual([
      ["username", "ä&b"],
      ["password", "p w+&=%"],
    ]);
    expect(headers).toMatchObject({ accept: "application/json", "cache-control": "no-store" });
  });

  test("JSON, as it was given; one header of a name, however it is spelled", async () => {
    server.answer(json({}));
    await at().send(call({ body: { json: { a: ["ä"] } }, headers: { Accept: "*/*" } }), testContext());
    expect(last()).toMatchObject({
      body: '{"a":["ä"]}',
      headers: { "content-type": "application/json", accept: "application/json" },
    });
  });

  test("nothing", async () => {
    server.answer(json({}));
    await at().send(call(), testContext());
    expect(last()?.headers["content-length"]).toBe("0");
    await at().send(call({ method: "GET" }), testContext());
    expect(last()).toMatchObject({ method: "GET", body: "" });
  });

  test.each(["a\nb", "a\0", "ä"])("SEC-10 %j is in no header, and nothing is sent", async (value) => {
    const before = server.requests.length;
    const error = await failure(
      at().send(call({ headers: { "x-key": secret.value + value } }), testContext()),
    );
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "secret-format" });
    expect(server.requests.length).toBe(before);
    secret.check(error);
  });
});

describe("how often it goes out (L3)", () => {
  test.each<[HttpRequest["repeat"], Script, number]>([
    ["freely", reset, 3],
    ["refresh", reset, 1],
    ["refresh", status(503), 3],
    ["once", reset, 1],
    ["once", status(503), 3],
    ["freely", status(400), 1],
    ["freely", status(401), 1],
  ])("SEC-62 %s %#", async (repeat, script, times) => {
    server.answer(script);
    const before = server.requests.length;
    await failure(at().send(call({ repeat }), testContext({ clock: hastyClock() })));
    expect(server.requests.length - before).toBe(times);
  });

  test("a service may allow itself more where its server is known", async () => {
    server.answer(...Array<Script>(5).fill(status(500)), json({}));
    const http = at({ attempts: { unknownOutcome: 6 } });
    expect(await http.send(call(), testContext({ clock: hastyClock() }))).toMatchObject({ status: 200 });
  });

  test("a server that asks for a pause in its own way gets it", async () => {
    const clock = hastyClock();
    const http = at({
      comeBackMs: (code, headers) => (code === 429 ? Number(headers.get("reset")) * 1_000 : undefined),
    });
    server.answer(status(429, { reset: "7" }), status(429, { reset: "soon" }), json({}));
    await http.send(call(), testContext({ clock }));
    expect(clock.pauses).toEqual([7_000 + 100, 200]);
  });

  test("Retry-After has the last word on 429, and may be given one on 403", async () => {
    const clock = hastyClock();
    const http = at({ comeBackMs: (code, _, told) => (code === 403 ? told : 1_000) });
    server.answer(status(429, { "retry-after": "3" }), status(403, { "retry-after": "2" }), json({}));
    await http.send(call(), testContext({ clock }));
    expect(clock.pauses).toEqual([3_100, 2_200]);
    server.answer(status(403));
    expect(await failure(http.send(call(), testContext()))).toMatchObject({ reason: "refused", status: 403 });
  });

  test("a pause over 30 s is not waited for", async () => {
    server.answer(status(429));
    const error = await failure(at({ comeBackMs: () => 31_000 }).send(call(), testContext()));
    expect(error).toMatchObject({ reason: "rate-limited", retryAfterMs: 31_000 });
  });
});
