import { AuthError, Secret } from "@auth/core";
import { describe, expect, test } from "vitest";
import { refreshToken } from "../src/index.ts";
import { testContext } from "./context.ts";
import { good, malformed, refresh, sent } from "./refresh-once.ts";
import { json, raw, type Script, scriptedServer } from "./scripted-server.ts";

const wrongType = { code: "ERR_AUTH_INVALID", reason: "token-type" };

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

test("SEC-34 an access token is not looked into, whatever it looks like", async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const access_token = `${part({ alg: "none" })}.${part({ exp: 1, scope: "admin", aud: "elsewhere" })}.`;
  const { tokens } = await refresh(json({ access_token, token_type: "bearer" }));
  expect(tokens?.accessToken).not.toHaveProperty("expiresAt");
  expect(tokens?.accessToken).not.toHaveProperty("scopes");
});

test("SEC-31 an ID token is kept as a secret", async () => {
  const { tokens } = await refresh(json({ ...good, id_token: "header.payload.signature" }));
  expect(tokens?.idToken?.reveal()).toBe("header.payload.signature");
});

test("SEC-60 what an answer leaves out is left out of the set, for core to keep", async () => {
  const bare = json({ ...good, refresh_token: null, scope: null, id_token: null });
  await using server = await scriptedServer(json(good), bare);
  const grant = refreshToken({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" });
  const credential = { type: "refresh-token", refreshToken: new Secret(sent.value) } as const;
  const first = await grant.exchange(credential, testContext());
  const second = await grant.refresh?.(first, testContext());
  expect(second).not.toHaveProperty("refreshToken");
  expect(second).not.toHaveProperty("idToken");
  expect(second?.accessToken).not.toHaveProperty("scopes");
});
