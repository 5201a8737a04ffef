import { createAuth, fixed, memoryStore, type Provider, Secret } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCredentials, deviceCode, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";
import { failure, testContext } from "./context.ts";
import { realServer } from "./real-server.ts";
import { json, raw, type Script, type ScriptedServer, scriptedServer, token } from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const at = () => ({ issuer: server.origin, tokenEndpoint: server.tokenEndpoint, clientId: "app" });
const clientSecret = new Secret("s3cr3t");
const login = { type: "refresh-token", refreshToken: new Secret("r1") } as const;
const client = { type: "client-secret", clientId: "app", clientSecret } as const;

const trade = () => clientCredentials(at()).exchange(client, testContext());
const renewal = () => refreshToken({ ...at(), clientSecret }).exchange(login, testContext());
const open = () => refreshToken(at()).exchange(login, testContext());

async function outcome(work: () => Promise<unknown>, script: Script): Promise<unknown> {
  server.answer(script);
  const before = server.requests.length;
  const error = await failure(work());
  expect(server.requests.length - before).toBe(1); // SEC-62: never sent again
  return error;
}
const form = (fields: Record<string, string>): Script =>
  raw(new URLSearchParams(fields).toString(), { "content-type": "application/x-www-form-urlencoded" });
const entra = (code: number, error: string, status: number, text = "what it means."): Script =>
  json({ error, error_description: `AADSTS${code}: ${text} Trace ID: 46e4`, error_codes: [code] }, status);

/** As the servers say it, from their documentation and reports of people who met it; the pages stand in the tables of `src`. */
const wrongSecrets: [string, Script][] = [
  [
    "node-oidc-provider",
    json({ error: "invalid_client", error_description: "client authentication failed" }, 401),
  ],
  [
    "Keycloak",
    json(
      { error: "unauthorized_client", error_description: "Invalid client or Invalid client credentials" },
      401,
    ),
  ],
  [
    "Keycloak, in its words of 2017",
    json(
      {
        error: "unauthorized_client",
        error_description: "UNKNOWN_CLIENT: Client was not identified by any client authenticator",
      },
      400,
    ),
  ],
  [
    "Keycloak, in its words of 2016",
    json({ error: "unauthorized_client", error_description: "Invalid client secret" }, 400),
  ],
  ["Entra, a wrong secret", entra(7000215, "invalid_client", 401, "Invalid client secret provided.")],
  [
    "Entra, an expired secret",
    entra(7000222, "invalid_client", 401, "The provided client secret keys are expired."),
  ],
  [
    "Entra, no such application",
    entra(700016, "unauthorized_client", 400, "Application was not found in the directory."),
  ],
  [
    "Entra, without its list of codes",
    json(
      { error: "unauthorized_client", error_description: "AADSTS700016: Application was not found." },
      400,
    ),
  ],
  [
    "Okta",
    json(
      {
        error: "invalid_client",
        error_description: "The client secret supplied for a confidential client is invalid.",
      },
      401,
    ),
  ],
  [
    "Okta, an unknown client",
    json(
      {
        errorCode: "invalid_client",
        errorSummary: "Invalid value for 'client_id' parameter.",
        errorId: "oae1",
      },
      401,
    ),
  ],
  ["Auth0", json({ error: "access_denied", error_description: "Unauthorized" }, 401)],
  ["Google", json({ error: "invalid_client", error_description: "Unauthorized" }, 401)],
  [
    "Google, a removed client",
    json({ error: "deleted_client", error_description: "The OAuth client was deleted." }, 401),
  ],
  ["Cognito", json({ error: "invalid_client", error_description: "invalid_client_secret" }, 400)],
  [
    "GitHub",
    json({
      error: "incorrect_client_credentials",
      error_description: "The client_id and/or client_secret passed are incorrect.",
    }),
  ],
  ["GitHub, as a form", form({ error: "incorrect_client_credentials" })],
  ["Slack", json({ ok: false, error: "bad_client_secret" })],
  ["Slack, an unknown client", json({ ok: false, error: "invalid_client_id" })],
  ["Salesforce", json({ error: "invalid_client", error_description: "invalid client credentials" }, 400)],
  [
    "Salesforce, an unknown client",
    json({ error: "invalid_client_id", error_description: "client identifier invalid" }, 400),
  ],
  ["HubSpot", json({ status: "BAD_CLIENT_SECRET", message: "missing or invalid client secret" }, 400)],
];

describe.each(wrongSecrets)("SEC-69 a wrong secret as %s says it", (_, script) => {
  test("is a wrong secret, whatever it is sent with", async () => {
    for (const work of [trade, renewal])
      expect(await outcome(work, script)).toMatchObject({
        code: "ERR_AUTH_GRANT",
        reason: "credential-rejected",
      });
  });

  test("heals after a rotation, in the call that meets it", async () => {
    server.answer(script, token());
    const read: boolean[] = [];
    const source: Provider = {
      name: "vault",
      async get({ forceRefresh = false } = {}) {
        read.push(forceRefresh);
        return { ...client, clientSecret: new Secret(forceRefresh ? "new" : "old") };
      },
    };
    await using auth = createAuth({ grant: clientCredentials(at()), credentials: source });
    expect((await auth.getToken()).type).toBe("Bearer");
    expect(read).toEqual([false, true]);
  });
});

describe("what is no wrong secret", () => {
  test.each<[string, Script]>([
    [
      "Keycloak, a client without a service account",
      json(
        { error: "unauthorized_client", error_description: "Client not enabled to retrieve service account" },
        401,
      ),
    ],
    [
      "Keycloak, a grant that the client may not use",
      json(
        { error: "unauthorized_client", error_description: "Client not allowed for direct access grants" },
        400,
      ),
    ],
    [
      "Google, a service account without delegation",
      json(
        {
          error: "unauthorized_client",
          error_description: "Client is unauthorized to retrieve access tokens using this method",
        },
        401,
      ),
    ],
    [
      "Auth0, an audience that the client may not have",
      json({ error: "access_denied", error_description: "Client is not authorized to access it" }, 403),
    ],
    ["Entra, a disabled application", entra(7000112, "unauthorized_client", 400)],
    ["a 401 without a word", raw("", {}, 401)],
  ])("%s", async (_, script) => {
    expect(await outcome(trade, script)).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "refused" });
  });

  test("a client without a secret has no wrong one", async () => {
    const keycloak = json({ error: "unauthorized_client", error_description: "Invalid client secret" }, 401);
    expect(await outcome(open, keycloak)).toMatchObject({ reason: "refused" });
    const auth0 = json({ error: "access_denied", error_description: "Unauthorized" }, 401);
    expect(await outcome(open, auth0)).toMatchObject({ reason: "refused" });
  });
});

const deadLogins: [string, Script][] = [
  [
    "node-oidc-provider",
    json({ error: "invalid_grant", error_description: "grant request is invalid" }, 400),
  ],
  [
    "GitHub",
    json({
      error: "bad_refresh_token",
      error_description: "The refresh token passed is incorrect or expired.",
      error_uri: "https://docs.github.com/",
    }),
  ],
  [
    "GitHub, as a form",
    form({
      error: "bad_refresh_token",
      error_description: "The refresh token passed is incorrect or expired.",
    }),
  ],
  ["Slack", json({ ok: false, error: "invalid_refresh_token" })],
  [
    "Entra, unused for 90 days",
    entra(700082, "invalid_grant", 400, "The refresh token has expired due to inactivity."),
  ],
  ["Entra, expired or revoked", entra(70008, "invalid_grant", 400)],
  [
    "Entra, after a change of the password",
    entra(50173, "interaction_required", 400, "The provided grant has expired due to it being revoked."),
  ],
  ["Entra, too old for the sign-in frequency", entra(70043, "interaction_required", 400)],
  ["Google", json({ error: "invalid_grant", error_description: "Token has been expired or revoked." }, 400)],
  ["Salesforce", json({ error: "invalid_grant", error_description: "expired access/refresh token" }, 400)],
  [
    "Keycloak, after the session",
    json({ error: "invalid_grant", error_description: "Session not active" }, 400),
  ],
  [
    "Keycloak, after its time",
    json({ error: "invalid_grant", error_description: "Token is not active" }, 400),
  ],
  [
    "Okta",
    json({ error: "invalid_grant", error_description: "The refresh token is invalid or expired." }, 400),
  ],
  ["Auth0", json({ error: "invalid_grant", error_description: "Unknown or invalid refresh token." }, 403)],
  ["HubSpot", json({ status: "BAD_REFRESH_TOKEN", message: "missing or unknown refresh token" }, 400)],
  ["AWS IAM Identity Center", json({ error: "expired_token" }, 400)],
  ["Spring", json({ error: "invalid_token", error_description: "Invalid refresh token (expired): 7f" }, 401)],
];

describe.each(deadLogins)("SEC-61 a dead refresh token as %s says it", (_, script) => {
  test("is one", async () => {
    for (const work of [renewal, open])
      expect(await outcome(work, script)).toMatchObject({
        code: "ERR_AUTH_GRANT",
        reason: "refresh-token-rejected",
      });
  });

  test("asks for a login, and is not sent again by later calls", async () => {
    const store = memoryStore();
    const clock = fakeClock({ now: Date.now() });
    await using auth = createAuth({ grant: refreshToken(at()), credentials: fixed(login), store, clock });
    server.answer(token({ refresh_token: "r2", expires_in: 60 }));
    await auth.getToken();
    await clock.advance(120_000);
    server.answer(script);
    expect(await failure(auth.getToken())).toMatchObject({
      code: "ERR_AUTH_INTERACTION_REQUIRED",
      reason: "refresh-token-rejected",
    });
    const before = server.requests.length;
    for (let call = 0; call < 3; call++) await failure(auth.getToken());
    expect(server.requests.length).toBe(before);
  });

  test("ends nothing where no refresh token was sent", async () => {
    const error = await outcome(trade, script);
    expect(error).not.toMatchObject({ reason: "refresh-token-rejected" });
  });
});

describe("what passes is never read as dead", () => {
  test.each<[string, Script]>([
    [
      "Entra, too many requests, as an invalid_grant",
      entra(
        50196,
        "invalid_grant",
        400,
        "The server terminated an operation because it encountered a client request loop.",
      ),
    ],
    [
      "Entra, too many requests, without its list of codes",
      json({ error: "invalid_grant", error_description: "AADSTS50196: a loop" }, 400),
    ],
    ["Entra, a directory that is away", entra(90033, "invalid_grant", 400)],
    ["a 400 that says so", json({ error: "temporarily_unavailable" }, 400)],
    ["a 200 that says so", json({ error: "server_error" })],
    ["Slack, limited", json({ ok: false, error: "ratelimited" })],
    ["Slack, out of order", json({ ok: false, error: "internal_error" })],
  ])("SEC-61 %s", async (_, script) => {
    expect(await outcome(renewal, script)).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "server-error",
      retryable: true,
    });
  });

  test.each(["interaction_required", "login_required", "consent_required"])(
    "SEC-61 %s asks for a person, and leaves the refresh token alone",
    async (error) => {
      expect(await outcome(renewal, json({ error }, 400))).toMatchObject({
        code: "ERR_AUTH_INTERACTION_REQUIRED",
        reason: "login-needed",
        error,
      });
    },
  );

  test.each<[string, Script]>([
    ["a form that is called HTML", raw("error=bad_refresh_token", { "content-type": "text/html" })],
    ["the words in another field", json({ message: "bad_refresh_token" }, 400)],
    ["the words with a 500", json({ error: "bad_refresh_token" }, 500)],
    ["a part of the words", json({ error: "bad_refresh_tokens" }, 400)],
    [
      "Entra's codes in the middle of a text",
      json({ error: "invalid_request", error_description: "see AADSTS700082" }, 400),
    ],
    ["codes that are texts", json({ error: "invalid_request", error_codes: ["700082"] }, 400)],
    ["a status of something else", json({ status: "error" }, 400)],
  ])("SEC-61 %s condemns nothing", async (_, script) => {
    server.answer(script);
    const error = (await failure(renewal())) as { reason: string };
    expect(error.reason).not.toMatch(/rejected/);
  });
});

describe("words of a server's own, by option", () => {
  const refusals = { refreshToken: ["GRANT_OVER"], credential: ["BAD_KEY"] };

  test("SEC-61 SEC-69 mean what the option says", async () => {
    const work = () => refreshToken({ ...at(), clientSecret, refusals }).exchange(login, testContext());
    expect(await outcome(work, json({ error: "GRANT_OVER" }, 400))).toMatchObject({
      reason: "refresh-token-rejected",
    });
    expect(await outcome(work, json({ error: "BAD_KEY" }))).toMatchObject({ reason: "credential-rejected" });
    expect(await outcome(renewal, json({ error: "GRANT_OVER" }, 400))).toMatchObject({ reason: "refused" });
  });

  test("a word for refresh tokens means nothing where none was sent", async () => {
    const work = () => clientCredentials({ ...at(), refusals }).exchange(client, testContext());
    expect(await outcome(work, json({ error: "GRANT_OVER" }, 400))).toMatchObject({ reason: "refused" });
  });
});

test("a person who declines is no wrong client, and a wrong client nobody who declines", async () => {
  const device = json({
    device_code: "d",
    user_code: "AB-CD",
    verification_uri: "https://idp.example/code",
    interval: 1,
  });
  const start = async (status: number, secret?: Secret): Promise<unknown> => {
    server.answer(device, json({ error: "access_denied" }, status));
    const clock = fakeClock();
    const grant = deviceCode({
      ...at(),
      deviceAuthorizationEndpoint: `${server.origin}/device`,
      ...(secret && { clientSecret: secret }),
    });
    return clock.until(failure(grant.exchange(undefined, testContext({ clock, interaction: () => {} }))));
  };
  expect(await start(400, clientSecret)).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "login-denied" });
  expect(await start(401)).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "login-denied" });
  expect(await start(401, clientSecret)).toMatchObject({
    code: "ERR_AUTH_GRANT",
    reason: "credential-rejected",
  });
});

describe("an assertion that is refused for its time", () => {
  const key = async () => {
    await using real = await realServer();
    return new Secret(real.signing.keys.ES256.pem);
  };

  test("by a real server: the clocks differ, and by how much", async () => {
    await using real = await realServer();
    const { id, keys } = real.signing;
    const clock = fakeClock({ now: Date.now() - 300_000 });
    const error = await failure(
      privateKeyJwt({ issuer: real.issuer }).exchange(
        { type: "private-key", clientId: id, privateKey: new Secret(keys.ES256.pem) },
        testContext({ clock }),
      ),
    );
    expect(error).toMatchObject({ reason: "credential-rejected", error: "invalid_client" });
    const [, seconds] = /clock is (\d+) s behind the server's: set it/.exec((error as Error).message) ?? [];
    expect(Math.abs(Number(seconds) - 300)).toBeLessThan(30);
  });

  test("a clock that is ahead is told by the server's date", async () => {
    const now = Date.UTC(2026, 0, 1, 0, 10);
    const date = new Date(now - 600_000).toUTCString();
    server.answer(json({ error: "invalid_client" }, 401, { date }));
    const context = testContext({ clock: fakeClock({ now }) });
    const grant = privateKeyJwt(at());
    const error = await failure(
      grant.exchange({ type: "private-key", clientId: "app", privateKey: await key() }, context),
    );
    expect((error as Error).message).toContain("clock is 599 s ahead of the server's: set it");
  });

  test.each<[string, Script]>([
    ["Entra", entra(700024, "invalid_client", 401, "Client assertion is not within its valid time range.")],
    [
      "Keycloak",
      json(
        {
          error: "invalid_client",
          error_description: "Client authentication with signed JWT failed: Token is not active",
        },
        401,
      ),
    ],
    [
      "Okta",
      json({ error: "invalid_client", error_description: "The client_assertion token is expired." }, 401),
    ],
    [
      "Google",
      json(
        {
          error: "invalid_grant",
          error_description:
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values",
        },
        400,
      ),
    ],
  ])("as %s says it, without a date to go by", async (_, script) => {
    server.answer((response, request) => {
      response.sendDate = false;
      script(response, request);
    });
    const grant = privateKeyJwt(at());
    const error = await failure(
      grant.exchange({ type: "private-key", clientId: "app", privateKey: await key() }, testContext()),
    );
    expect(error).toMatchObject({ reason: "credential-rejected" });
    expect((error as Error).message).toMatch(/clock and the server's differ/);
  });

  test("a wrong key with clocks that agree has nothing to do with them", async () => {
    await using real = await realServer();
    const { id, stranger } = real.signing;
    const error = await failure(
      privateKeyJwt({ issuer: real.issuer }).exchange(
        { type: "private-key", clientId: id, privateKey: new Secret(stranger.pem) },
        testContext(),
      ),
    );
    expect(error).toMatchObject({ reason: "credential-rejected" });
    expect((error as Error).message).not.toMatch(/clock/);
  });

  test("a password has no clock", async () => {
    server.answer(
      json({ error: "invalid_grant", error_description: "the password is expired" }, 400, {
        date: "Thu, 01 Jan 1970 00:00:00 GMT",
      }),
    );
    const work = password(at()).exchange(
      { type: "password", username: "a", password: clientSecret },
      testContext(),
    );
    expect(((await failure(work)) as Error).message).not.toMatch(/clock/);
  });
});
