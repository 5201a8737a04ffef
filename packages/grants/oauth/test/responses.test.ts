import { AuthError, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refreshToken } from "../src/index.ts";
import type { RefreshTokenOptions } from "../src/refresh-token.ts";
import { hastyClock, type TestContext, testContext } from "./context.ts";
import { json, raw, type Script, type ScriptedServer, scriptedServer, token } from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const sent = canary("refresh-token");
const client = canary("client-secret");
const given = canary("answer");
const now = Date.UTC(2026, 0, 1);

const malformed = { code: "ERR_AUTH_INVALID", reason: "malformed-response", retryable: false };
const wrongType = { code: "ERR_AUTH_INVALID", reason: "token-type" };
const expired = { code: "ERR_AUTH_INVALID", reason: "expired-on-arrival" };

/** One refresh that the server answers as scripted. */
async function refresh(script: Script, options: Partial<RefreshTokenOptions> = {}) {
  server.answer(script);
  const grant = refreshToken({
    issuer: server.origin,
    tokenEndpoint: server.tokenEndpoint,
    clientId: "app",
    clientSecret: new Secret(client.value),
    timeoutMs: 60_000,
    ...options,
  });
  const context: TestContext = testContext({ clock: hastyClock(now) });
  const credential = { type: "refresh-token", refreshToken: new Secret(sent.value) } as const;
  const before = server.requests.length;
  const outcome = await grant.exchange(credential, context).then(
    (tokens) => ({ tokens, error: undefined }),
    (error: unknown) => ({ tokens: undefined, error }),
  );
  sent.check(outcome);
  client.check(outcome);
  given.check(outcome);
  return { ...outcome, context, requests: server.requests.length - before };
}

const good = { access_token: given.value, token_type: "Bearer", expires_in: 60 };

describe("SEC-30 a success is a JSON object in UTF-8", () => {
  test.each([
    ["application/json", "application/json"],
    ["with a charset", "application/json; charset=utf-8"],
    ["in capitals", "Application/JSON"],
    ["a +json type", "application/vnd.idp.token+json"],
  ])("SEC-30 %s is read", async (_, type) => {
    const { tokens } = await refresh(raw(JSON.stringify(good), { "content-type": type }));
    expect(tokens?.accessToken.reveal()).toBe(given.value);
  });

  const body = JSON.stringify({ ...good, refresh_token: "r" });
  test.each<[string, Script]>([
    ["no content type", raw(body)],
    ["text/html", raw(body, { "content-type": "text/html" })],
    ["text/json", raw(body, { "content-type": "text/json" })],
    ["a look-alike type", raw(body, { "content-type": "application/jsonp" })],
    [
      "a form",
      raw("access_token=x&token_type=bearer", { "content-type": "application/x-www-form-urlencoded" }),
    ],
    ["an empty body", json("")],
    ["no JSON", json("<html>")],
    ["cut JSON", json(body.slice(0, -5))],
    ["a string", json('"token"')],
    ["null", json("null")],
    ["an array", json([good])],
    [
      "invalid UTF-8",
      raw(Buffer.concat([Buffer.from(`${body.slice(0, -1)},"x":"`), Buffer.from([0xff, 0x22, 0x7d])]), {
        "content-type": "application/json",
      }),
    ],
    ["a status 204", raw("", { "content-type": "application/json" }, 204)],
  ])("SEC-30 %s is refused, and none of it is quoted", async (_, script) => {
    const { error, requests } = await refresh(script);
    expect(error).toMatchObject(malformed);
    expect(requests).toBe(1);
  });

  test("SEC-30 a form is read where the app says so, and a doubled field is not", async () => {
    const form = (text: string) => raw(text, { "content-type": "application/x-www-form-urlencoded" });
    const options = { formEncodedResponses: true };
    const { tokens } = await refresh(
      form(`access_token=${given.value}&token_type=bearer&expires_in=60`),
      options,
    );
    expect(tokens?.accessToken.expiresAt).toEqual(new Date(now + 60_000));
    const { error } = await refresh(form("access_token=a&access_token=b&token_type=bearer"), options);
    expect(error).toMatchObject(malformed);
  });
});

describe("SEC-13 keys from outside", () => {
  test.each([
    ["a doubled key", '{"access_token":"a","access_token":"b","token_type":"bearer"}'],
    ["a doubled key in disguise", '{"access_token":"a","access_\\u0074oken":"b","token_type":"bearer"}'],
    ["__proto__", '{"access_token":"a","token_type":"bearer","__proto__":{"expires_in":1}}'],
    [
      "deep nesting",
      `{"access_token":"a","token_type":"bearer","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
    ],
  ])("SEC-13 %s is malformed", async (_, text) => {
    expect((await refresh(json(text))).error).toMatchObject(malformed);
  });

  test("SEC-13 inherited names are no fields", async () => {
    expect((await refresh(json('{"constructor":1,"toString":2}'))).error).toMatchObject(malformed);
  });
});

describe("SEC-31 the fields of a token answer", () => {
  test.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
    ["a number", 7],
    ["an object", {}],
    ["with a space", "a b"],
    ["with a line break", "a\r\nx-evil: 1"],
    ["with NUL", "a\0"],
    ["not ASCII", "tökén"],
    ["longer than 64 KiB", "a".repeat(65_537)],
  ])("SEC-31 an access token that is %s", async (_, access_token) => {
    expect((await refresh(json({ ...good, access_token }))).error).toMatchObject(malformed);
  });

  test("SEC-31 one of 64 KiB is taken", async () => {
    const access_token = "a".repeat(65_536);
    expect((await refresh(json({ ...good, access_token }))).tokens?.accessToken.reveal()).toBe(access_token);
  });

  test.each(["bearer", "Bearer", "BEARER"])("SEC-31 token type %s is Bearer", async (token_type) => {
    expect((await refresh(json({ ...good, token_type }))).tokens?.accessToken.type).toBe("Bearer");
  });

  test.each<[unknown]>([[undefined], [null], [""], ["mac"], ["DPoP"], ["N_A"], [1], [["bearer"]]])(
    "SEC-31 token type %j is not taken for one",
    async (token_type) => {
      expect((await refresh(json({ ...good, token_type }))).error).toMatchObject(wrongType);
    },
  );

  test.each<[unknown]>([[undefined], [null], [""]])(
    "SEC-31 a refresh token %j is absent: the one we have stays",
    async (refresh_token) => {
      const { tokens } = await refresh(json({ ...good, refresh_token }));
      expect(tokens?.refreshToken?.reveal()).toBe(sent.value);
    },
  );

  test.each<[string, unknown]>([
    ["refresh_token", 5],
    ["refresh_token", ["r"]],
    ["refresh_token", "r".repeat(65_537)],
    ["scope", ["a", "b"]],
    ["scope", 1],
    ["id_token", {}],
  ])("SEC-31 %s of another type is malformed", async (name, value) => {
    expect((await refresh(json({ ...good, [name]: value }))).error).toMatchObject(malformed);
  });

  test.each<[unknown, readonly string[] | undefined]>([
    ["b a", ["b", "a"]],
    [undefined, undefined],
    [null, undefined],
    ["", undefined],
  ])("SEC-31 scope %j", async (scope, scopes) => {
    expect((await refresh(json({ ...good, scope }))).tokens?.accessToken.scopes).toEqual(scopes);
  });

  test("scopes left out are those that were asked for", async () => {
    const { tokens } = await refresh(json(good), { scopes: ["b", "a"] });
    expect(tokens?.accessToken.scopes).toEqual(["a", "b"]);
  });

  test("SEC-31 an `error` is a failure even with status 200 and a token beside it", async () => {
    const { error } = await refresh(json({ ...good, error: "invalid_grant" }));
    expect(error).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "refresh-token-rejected", status: 200 });
  });
});

describe("SEC-32 a new refresh token outlives the complaint", () => {
  const wanted = "the-only-living-one";
  test.each<[string, Script]>([
    ["no access token", json({ token_type: "bearer", refresh_token: wanted })],
    ["a wrong token type", json({ ...good, token_type: "mac", refresh_token: wanted })],
    ["expired on arrival", json({ ...good, expires_in: 0, refresh_token: wanted })],
    ["a scope of another type", json({ ...good, scope: 1, refresh_token: wanted })],
    ["an error beside it", json({ ...good, error: "server_error", refresh_token: wanted })],
    ["a doubled key", json(`{"access_token":"a","access_token":"b","refresh_token":"${wanted}"}`)],
    ["a wrong content type", raw(JSON.stringify({ ...good, refresh_token: wanted }))],
    [
      "broken UTF-8 elsewhere",
      raw(
        Buffer.concat([
          Buffer.from(`{"refresh_token":"${wanted}","x":"`),
          Buffer.from([0xff]),
          Buffer.from('"}'),
        ]),
        {
          "content-type": "application/json",
        },
      ),
    ],
  ])("SEC-32 %s", async (_, script) => {
    const { error, context } = await refresh(script);
    expect(error).toBeInstanceOf(AuthError);
    expect(context.salvaged).toEqual([wanted]);
  });

  test("SEC-32 also from a form", async () => {
    const form = raw(`refresh_token=${wanted}`, { "content-type": "application/x-www-form-urlencoded" });
    expect((await refresh(form, { formEncodedResponses: true })).context.salvaged).toEqual([wanted]);
  });

  test.each<[string, Script]>([
    ["a refusal has none to save", json({ error: "invalid_grant", refresh_token: wanted }, 400)],
    ["a number is none", json({ token_type: "bearer", refresh_token: 5 })],
    ["an empty one is none", json({ token_type: "bearer", refresh_token: "" })],
    ["a cut body has none", json(`{"refresh_token":"${wanted}`)],
    ["a good answer needs no saving", json({ ...good, refresh_token: wanted })],
  ])("SEC-32 %s", async (_, script) => {
    expect((await refresh(script)).context.salvaged).toEqual([]);
  });
});

describe("SEC-33 expires_in", () => {
  const year = 365 * 86_400;
  test.each<[string, number]>([
    ["60", 60],
    ['"60"', 60],
    ["59.9", 59],
    ["1", 1],
    ['"0000000060"', 60],
    ["3.6e3", 3600],
    [`${year}`, year],
    [`${year + 1}`, year],
    ["1e300", year],
    ['"9999999999"', year],
  ])("SEC-33 %s is %d seconds", async (text, seconds) => {
    const { tokens, context } = await refresh(
      json(`{"access_token":"a","token_type":"bearer","expires_in":${text}}`),
    );
    expect(tokens?.accessToken.expiresAt).toEqual(new Date(now + seconds * 1_000));
    expect(tokens?.accessToken.obtainedAt).toEqual(new Date(now));
    expect(context.warnings).toEqual([]);
  });

  test.each([
    "-1",
    "-0.5",
    "1e999",
    '""',
    '" 60"',
    '"3600s"',
    '"1e3"',
    '"0x10"',
    '"-5"',
    '"60.5"',
    '"NaN"',
    '"Infinity"',
    '"12345678901"',
    '"٦٠"',
    "true",
    "false",
    "[60]",
    '{"seconds":60}',
  ])("SEC-33 %s is a lifetime nobody knows, with one warning", async (text) => {
    const { tokens, context } = await refresh(
      json(`{"access_token":"a","token_type":"bearer","expires_in":${text}}`),
    );
    expect(tokens?.accessToken).not.toHaveProperty("expiresAt");
    expect(context.warnings).toEqual(["expires-in-unreadable"]);
  });

  test.each<[unknown]>([[undefined], [null]])(
    "SEC-33 %j is unknown without a warning",
    async (expires_in) => {
      const { tokens, context } = await refresh(json({ ...good, expires_in }));
      expect(tokens?.accessToken).not.toHaveProperty("expiresAt");
      expect(context.warnings).toEqual([]);
    },
  );

  test.each<[unknown]>([[0], ["0"], [0.9], ["0000"]])(
    "SEC-33 %j has expired on arrival",
    async (expires_in) => {
      const { error } = await refresh(json({ ...good, expires_in, refresh_token: "r2" }));
      expect(error).toMatchObject(expired);
      expect((error as Error).message).toContain("clock");
    },
  );

  test("SEC-51 a lifetime counts from the moment the request was sent", async () => {
    const clock = hastyClock(now);
    const slow: Script = (response, request) => {
      void clock.sleep(5_000); // the answer takes five seconds
      token({ expires_in: 60 })(response, request);
    };
    server.answer(slow);
    const grant = refreshToken({
      issuer: server.origin,
      tokenEndpoint: server.tokenEndpoint,
      clientId: "app",
      timeoutMs: 60_000,
    });
    const credential = { type: "refresh-token", refreshToken: new Secret(sent.value) } as const;
    const { accessToken } = await grant.exchange(credential, testContext({ clock }));
    expect(clock.now()).toBe(now + 5_000);
    expect(accessToken.obtainedAt).toEqual(new Date(now));
    expect(accessToken.expiresAt).toEqual(new Date(now + 60_000));
  });
});

test("SEC-34 an access token is not looked into, whatever it looks like", async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const access_token = `${part({ alg: "none" })}.${part({ exp: 1, scope: "admin", aud: "elsewhere" })}.`;
  const { tokens } = await refresh(json({ access_token, token_type: "bearer" }));
  expect(tokens?.accessToken).not.toHaveProperty("expiresAt");
  expect(tokens?.accessToken).not.toHaveProperty("scopes");
});

test("SEC-60 what an answer leaves out is left out of the set, for core to keep", async () => {
  server.answer(json(good), json({ ...good, refresh_token: null, scope: null, id_token: null }));
  const grant = refreshToken({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" });
  const credential = { type: "refresh-token", refreshToken: new Secret(sent.value) } as const;
  const first = await grant.exchange(credential, testContext());
  const second = await grant.refresh?.(first, testContext());
  expect(second).not.toHaveProperty("refreshToken");
  expect(second).not.toHaveProperty("idToken");
  expect(second?.accessToken).not.toHaveProperty("scopes");
});

test("SEC-31 an ID token is kept as a secret", async () => {
  const { tokens } = await refresh(json({ ...good, id_token: "header.payload.signature" }));
  expect(tokens?.idToken?.reveal()).toBe("header.payload.signature");
});
