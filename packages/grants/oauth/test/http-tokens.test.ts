import { AccessToken, type Grant, type PasswordCredential, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttp, type HttpOptions, type HttpRequest, type ServerFacts } from "../src/http.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { json, type Script, type ScriptedServer, scriptedServer, status, token } from "./scripted-server.ts";

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
const noon = Date.UTC(2026, 0, 1, 12);

describe("tokens", () => {
  const clock = hastyClock(noon);
  const renewing = { refreshToken: new Secret("rt-0"), accessToken: new AccessToken("at-0") };

  test("in the words of the RFC", async () => {
    server.answer(token({ refresh_token: "rt", token_type: "bearer", scope: "a b" }));
    const tokens = await at().requestTokens(call({ url: `${at().url}/token` }), testContext({ clock }));
    expect(tokens.accessToken).toMatchObject({
      type: "Bearer",
      expiresAt: new Date(noon + 3_600_000),
      obtainedAt: new Date(noon),
      scopes: ["a", "b"],
    });
    expect(tokens.refreshToken?.reveal()).toBe("rt");
    expect(tokens.extra).toEqual({ issuer: at().url, tokenOrigin: server.origin });
  });

  test("and in the server's own", async () => {
    server.answer(json({ token: "at", expires: "2026-01-01T12:30:00.000Z", expires_in: 1 }));
    const tokens = await at().requestTokens(
      {
        ...call(),
        scopes: ["s"],
        clientId: "app",
        translate: (body) => ({
          access_token: body["token"],
          token_type: "bearer",
          expires_at: body["expires"],
        }),
      },
      testContext({ clock }),
    );
    expect(tokens.accessToken.reveal()).toBe("at");
    expect(tokens.accessToken).toMatchObject({ expiresAt: new Date(noon + 1_800_000), scopes: ["s"] });
    expect(tokens.extra).toMatchObject({ clientId: "app" });
  });

  const own = (expires_at: unknown) =>
    at().requestTokens(
      { ...call(), translate: ({ access_token }) => ({ access_token, token_type: "bearer", expires_at }) },
      testContext({ clock }),
    );

  test.each([noon / 1_000, noon, new Date(noon), 0, "2026-01-01T11:59:59Z"])(
    "SEC-33 an end that has come already is expired-on-arrival: %j",
    async (end) => {
      server.answer(token());
      expect(await failure(own(end))).toMatchObject({
        code: "ERR_AUTH_INVALID",
        reason: "expired-on-arrival",
      });
    },
  );

  test("SEC-33 one that is far off is kept for a year; one that nobody can read is unknown, with a warning", async () => {
    server.answer(token());
    expect((await own("2999-01-01T00:00:00Z")).accessToken.expiresAt).toEqual(
      new Date(noon + 365 * 86_400_000),
    );
    expect((await own(null)).accessToken.expiresAt).toBeUndefined();
    const context = testContext({ clock });
    const translate = () => ({ access_token: "at", token_type: "bearer", expires_at: "" });
    const tokens = await at().requestTokens({ ...call(), translate }, context);
    expect(tokens.accessToken.expiresAt).toBeUndefined();
    expect(context.warnings).toEqual(["expires-in-unreadable"]);
  });

  test("a field called expires_at means nothing where nobody says what it means", async () => {
    server.answer(token({ expires_at: 1 }));
    const tokens = await at().requestTokens(call(), testContext({ clock }));
    expect(tokens.accessToken.expiresAt).toEqual(new Date(noon + 3_600_000));
  });

  test.each<[string, Script, (() => never) | undefined]>([
    ["no access token", json({ refresh_token: "rt-1" }), undefined],
    ["a key twice", json('{"refresh_token":"rt-1","a":1,"a":2}'), undefined],
    [
      "a translation that fails",
      token({ refresh_token: "rt-1" }),
      () => {
        throw new TypeError("no such field");
      },
    ],
  ])("SEC-32 a new refresh token is saved before %s is complained of", async (_, script, translate) => {
    server.answer(script);
    const context = testContext();
    await failure(
      at().requestTokens({ ...call({ repeat: "refresh" }), ...(translate && { translate }) }, context),
    );
    expect(context.salvaged).toEqual(["rt-1"]);
  });

  test("SEC-36 what came from elsewhere is not sent", async () => {
    server.answer(token());
    const before = server.requests.length;
    const place = { issuer: at().url, tokenOrigin: server.origin, clientId: "app" };
    for (const other of [
      { issuer: "https://b.example" },
      { tokenOrigin: "https://b.example" },
      { clientId: "b" },
    ]) {
      const renews = { ...renewing, extra: { ...place, ...other } };
      expect(
        await failure(at().requestTokens({ ...call(), clientId: "app", renews }, testContext())),
      ).toMatchObject({
        code: "ERR_AUTH_INTERACTION_REQUIRED",
        reason: "issuer-changed",
      });
    }
    expect(server.requests.length).toBe(before);
    const renews = { ...renewing, extra: place };
    await at().requestTokens({ ...call(), clientId: "app", renews }, testContext());
    expect(server.requests.length).toBe(before + 1);
  });
});

test("the grant of the documentation works as printed", async () => {
  server.answer(json({ token: "at-1", expires: "2999-01-01T00:00:00Z" }), status(401));
  const http = at();
  const grant: Grant<PasswordCredential> = {
    name: http.name,
    accepts: ["password"],
    partition: (credential) =>
      credential && `acme ${new URLSearchParams({ url: http.url, account: credential.username }).toString()}`,
    exchange: (credential, context) =>
      http.requestTokens(
        {
          endpoint: "token endpoint",
          method: "POST",
          url: `${http.url}/token`,
          body: { json: { user: credential?.username, password: credential?.password.reveal() } },
          repeat: "once",
          translate: ({ token, expires }) => ({
            access_token: token,
            token_type: "bearer",
            expires_at: expires,
          }),
          refused: ({ status, error }) =>
            status === 401
              ? error(
                  "ERR_AUTH_GRANT",
                  "credential-rejected",
                  "refused the password. Correct it at its source.",
                )
              : undefined,
        },
        context,
      ),
  };
  const credential = { type: "password", username: "alice", password: new Secret(secret.value) } as const;
  expect((await grant.exchange(credential, testContext())).accessToken.reveal()).toBe("at-1");
  expect(JSON.parse(last()?.body ?? "")).toEqual({ user: "alice", password: secret.value });
  const error = await failure(grant.exchange(credential, testContext()));
  expect(error).toMatchObject({ reason: "credential-rejected" });
  secret.check(error);
});
