import {
  basic,
  type Credential,
  chain,
  createAuth,
  fixed,
  type Grant,
  isAuthError,
  Secret,
} from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { fromEnv } from "../src/index.ts";

const user = { ACME_USERNAME: "alice", ACME_PASSWORD: "correct horse" };
const client = { ACME_CLIENT_ID: "app", ACME_CLIENT_SECRET: "client-secret-value" };

const failure = (error: unknown) =>
  isAuthError(error) ? { code: error.code, reason: error.reason, message: error.message } : error;
const failing = (provider: { get(): Promise<unknown> }) => provider.get().then(() => "no error", failure);

describe("a prefix finds every kind of credential", () => {
  test.each([
    ["password", user, { username: "alice", account: "alice" }],
    ["client-secret", client, { clientId: "app" }],
    [
      "private-key",
      { ACME_CLIENT_ID: "app", ACME_PRIVATE_KEY: "pem", ACME_KEY_ID: "k1", ACME_ALGORITHM: "ES256" },
      { clientId: "app", keyId: "k1", algorithm: "ES256" },
    ],
    ["refresh-token", { ACME_REFRESH_TOKEN: "r" }, {}],
    ["refresh-token", { ...client, ACME_REFRESH_TOKEN: "r", ACME_ACCESS_TOKEN: "a" }, { clientId: "app" }],
    [
      "access-token",
      { ACME_TOKEN: "t", ACME_ACCOUNT: "me", ACME_EXPIRES_AT: "2030-01-02T03:04:05Z" },
      { account: "me", expiresAt: new Date("2030-01-02T03:04:05Z") },
    ],
    ["access-token", { ACME_ACCESS_TOKEN: "t" }, {}],
    ["api-key", { ACME_API_KEY: "k" }, {}],
  ])("%s", async (type, env, facts) => {
    const provider = fromEnv({ prefix: "ACME", env });
    expect(await provider.get()).toMatchObject({ type, source: "env ACME_*", ...facts });
  });

  test("the secrets arrive as they were set", async () => {
    const both = await fromEnv({ prefix: "ACME", env: user }).get();
    expect(both.type === "password" && both.password.reveal()).toBe("correct horse");
    const all = await fromEnv({ prefix: "A", env: { A_REFRESH_TOKEN: " r\n", A_ACCESS_TOKEN: "a" } }).get();
    expect(all.type === "refresh-token" && [all.refreshToken.reveal(), all.accessToken?.reveal()]).toEqual([
      " r\n",
      "a",
    ]);
  });
});

describe("half a credential", () => {
  test.each([
    ["ACME_PASSWORD", { ACME_USERNAME: "alice" }],
    ["ACME_USERNAME", { ACME_PASSWORD: "correct horse" }],
    ["ACME_CLIENT_SECRET", { ACME_CLIENT_ID: "app" }],
    ["ACME_CLIENT_ID", { ACME_CLIENT_SECRET: "client-secret-value" }],
    ["ACME_CLIENT_ID", { ACME_PRIVATE_KEY: "pem" }],
    ["ACME_PASSWORD", { ACME_USERNAME: "alice", ACME_PASSWORD: " \t" }],
  ])("is an error that names %s", async (missing, env) => {
    const error = await failing(fromEnv({ prefix: "ACME", env }));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "half-credential" });
    expect(error).toHaveProperty("message", expect.stringContaining(`${missing} is missing`));
  });

  test("stops a chain", async () => {
    const next = fixed<Credential>({ type: "api-key", key: new Secret("another identity") });
    const credentials = chain(fromEnv({ prefix: "ACME", env: { ACME_USERNAME: "alice" } }), next);
    expect(await failing(credentials)).toMatchObject({ reason: "half-credential" });
  });
});

describe("nothing set", () => {
  test("names what was looked for", async () => {
    expect(await failing(fromEnv({ token: "ACME_TOKEN", env: {} }))).toEqual({
      code: "ERR_AUTH_NOT_FOUND",
      reason: "not-set",
      message: "env ACME_TOKEN: not set (blank counts as not set). Set ACME_TOKEN.",
    });
    const error = await failing(fromEnv({ prefix: "ACME", type: "password", env: client }));
    expect(error).toHaveProperty("message", expect.stringContaining("Set ACME_USERNAME and ACME_PASSWORD."));
  });

  test("advises only variables that the grant takes", async () => {
    const grant: Grant = { ...basic(), accepts: ["client-secret", "private-key"] };
    const credentials = chain(fromEnv({ prefix: "ACME", env: {} }));
    const error = await createAuth({ grant, credentials })
      .getToken()
      .catch((thrown: unknown) => thrown);
    expect(error).toHaveProperty("attempts", [
      expect.objectContaining({
        message:
          "env ACME_*: not set (blank counts as not set). Set ACME_CLIENT_ID and ACME_CLIENT_SECRET, or ACME_CLIENT_ID and ACME_PRIVATE_KEY.",
      }),
    ]);
  });

  test("and all of its own where the grant takes none of them", async () => {
    const error = await fromEnv({ token: "ACME_TOKEN", env: {} })
      .get({ accepts: ["password"] })
      .catch(failure);
    expect(error).toHaveProperty("message", expect.stringContaining("Set ACME_TOKEN."));
  });

  test.each(["", " ", "\t\r\n"])("SEC-10 a blank variable (%j) is not set", async (blank) => {
    const error = await failing(fromEnv({ apiKey: "ACME_KEY", env: { ACME_KEY: blank } }));
    expect(error).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "not-set" });
  });

  test.each(["constructor", "toString", "__proto__"])("%s is no variable", async (name) => {
    expect(await failing(fromEnv({ token: name }))).toMatchObject({ reason: "not-set" });
    expect(await failing(fromEnv({ token: name, env: {} }))).toMatchObject({ reason: "not-set" });
  });
});

describe("more than one credential", () => {
  test("is an error that names each", async () => {
    const error = await failing(fromEnv({ prefix: "ACME", env: { ...user, ACME_TOKEN: "t" } }));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "ambiguous-credential" });
    expect(error).toHaveProperty(
      "message",
      expect.stringContaining("ACME_TOKEN (access-token); ACME_USERNAME and ACME_PASSWORD (password)."),
    );
  });

  test("says which one is incomplete", async () => {
    const error = await failing(
      fromEnv({ prefix: "ACME", env: { ACME_USERNAME: "alice", ACME_TOKEN: "t" } }),
    );
    expect(error).toHaveProperty(
      "message",
      expect.stringContaining("ACME_USERNAME (password, without ACME_PASSWORD)"),
    );
  });

  test.each([
    { ACME_TOKEN: "t", ACME_ACCESS_TOKEN: "a" },
    { ...client, ACME_PRIVATE_KEY: "pem" },
    { ACME_REFRESH_TOKEN: "r", ACME_TOKEN: "t" },
  ])("%j", async (env) => {
    expect(await failing(fromEnv({ prefix: "ACME", env }))).toMatchObject({ reason: "ambiguous-credential" });
  });

  test.each(["password", "client-secret"] as const)("`type` chooses %s", async (type) => {
    expect(await fromEnv({ prefix: "ACME", type, env: { ...user, ...client } }).get()).toMatchObject({
      type,
    });
  });
});

test("names given one by one are used, and replace those of the prefix", async () => {
  const env = { WHO: "bob", PIN: "1234", ACME_USERNAME: "alice", ACME_PASSWORD: "correct horse" };
  const named = await fromEnv({ username: "WHO", password: "PIN", env }).get();
  expect(named).toMatchObject({ username: "bob", source: "env WHO, PIN" });
  const mixed = await fromEnv({ prefix: "ACME", username: "WHO", env }).get();
  expect(mixed.type === "password" && [mixed.username, mixed.password.reveal()]).toEqual([
    "bob",
    "correct horse",
  ]);
});

describe("a payload", () => {
  const payload = "DB";
  test("is JSON or a bare secret", async () => {
    const json = { DB: '{"username":"alice","password":"correct horse"}' };
    expect(await fromEnv({ payload, env: json }).get()).toMatchObject({ type: "password", source: "env DB" });
    expect(await fromEnv({ payload, bare: "apiKey", env: { DB: "k" } }).get()).toMatchObject({
      type: "api-key",
    });
    const nested = { DB: '{"prod":{"u":"alice","p":"correct horse"}}' };
    const fields = { username: "/u", password: "/p" };
    expect(await fromEnv({ payload, field: "/prod", env: { DB: '{"prod":"t"}' } }).get()).toMatchObject({
      type: "access-token",
    });
    const mapped = { username: "/prod/u", password: "/prod/p" };
    expect(await fromEnv({ payload, fields: mapped, env: nested }).get()).toMatchObject({
      username: "alice",
    });
    expect(await failing(fromEnv({ payload, fields, env: nested }))).toMatchObject({
      code: "ERR_AUTH_INVALID",
    });
  });

  test("can be base64", async () => {
    const secret = "пароль-🔑";
    const env = { DB: Buffer.from(secret).toString("base64") };
    const found = await fromEnv({ payload, encoding: "base64", env }).get();
    expect(found.type === "access-token" && found.token.reveal()).toBe(secret);
  });

  test.each(["not base64!", "/w=="])("SEC-3 refuses %j without quoting it", async (DB) => {
    const error = await failing(fromEnv({ payload, encoding: "base64", env: { DB } }));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "payload-malformed" });
    expect(JSON.stringify(error)).not.toContain(DB);
  });

  test("SEC-13 is read strictly", async () => {
    for (const DB of ['{"token":"a","token":"b"}', '{"__proto__":{"token":"a"}}', '{"token":1}', "["]) {
      expect(await failing(fromEnv({ payload, env: { DB } }))).toMatchObject({
        code: "ERR_AUTH_INVALID",
        reason: "payload-malformed",
      });
    }
  });
});

test("every read looks at the present environment, and never writes to it", async () => {
  const provider = fromEnv({ token: "AUTH_ENV_TEST_TOKEN" });
  const before = { ...process.env };
  expect(await failing(provider)).toMatchObject({ reason: "not-set" });
  process.env["AUTH_ENV_TEST_TOKEN"] = "first";
  try {
    const found = await provider.get();
    expect(found.type === "access-token" && found.token.reveal()).toBe("first");
  } finally {
    delete process.env["AUTH_ENV_TEST_TOKEN"];
  }
  expect({ ...process.env }).toEqual(before);
});

describe("wrong options are a TypeError at once", () => {
  test.each([
    {},
    { env: {} },
    { username: "WHO" },
    { token: "T", username: "WHO" },
    { token: "T", type: "password" },
    { prefix: "ACME_" },
    { prefix: "" },
    { token: "MY TOKEN" },
    { bare: "apiKey", token: "T" },
    { payload: "P", token: "T" },
    { payload: "P", type: "password" },
    { token: 7 },
    { token: "T", dotenv: "" },
    { token: "T", dotenv: true },
    { token: "T", dotenv: new URL("https://example.com/.env") },
  ])("%j", (options) => {
    expect(() => fromEnv(options as never)).toThrow(TypeError);
  });

  test("SEC-3 a secret in the place of a name is not quoted", () => {
    const secret = canary();
    let thrown: unknown;
    try {
      fromEnv({ token: secret.value });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    secret.check(thrown);
  });
});

test.each([undefined, null, 5, "ACME"])("fromEnv(%j), of a caller without types, gets words", (options) => {
  expect(() => fromEnv(options as never)).toThrow(/^fromEnv: expected options, for example \{ prefix/);
});
