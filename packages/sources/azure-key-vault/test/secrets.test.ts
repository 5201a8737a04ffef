import { canary, fakeClock } from "@auth/testkit";
import { SecretClient } from "@azure/keyvault-secrets";
import { describe, expect, test } from "vitest";
import {
  type AzureKeyVaultClient,
  type AzureKeyVaultWarning,
  type FromAzureKeyVaultOptions,
  fromAzureKeyVault,
} from "../src/index.ts";
import { failing, secretOf, theVault } from "./support/world.ts";

const world = theVault();
const clock = fakeClock({ now: Date.UTC(2026, 0, 15) });
const day = 86_400;
const seconds = clock.now() / 1_000;

/** Reads `value` as it is stored with `about`. */
function stored(
  value: string,
  about: Parameters<typeof world.vault.add>[2] = {},
  options: Partial<FromAzureKeyVaultOptions> = {},
) {
  const { vault } = world;
  const { id } = vault.add("secret", value, about);
  const warnings: AzureKeyVaultWarning[] = [];
  const provider = fromAzureKeyVault({
    vault: vault.url,
    secret: "secret",
    credential: vault.credential(),
    clock,
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
  return { provider, warnings, id };
}

describe("what a secret means", () => {
  test.each<[string, string, string | undefined, Partial<FromAzureKeyVaultOptions>, string, string]>([
    ["JSON", '{"client_id":"app","client_secret":"s3"}', undefined, {}, "client-secret", "s3"],
    ["declared JSON", '{"api_key":"k"}', "application/json; charset=utf-8", {}, "api-key", "k"],
    ["a JSON string", '"t0ken"', "application/json", {}, "access-token", "t0ken"],
    ["a JSON string, undeclared", '"t0ken"', undefined, {}, "access-token", '"t0ken"'],
    ["declared text that looks like JSON", "{t0ken}", "text/plain", {}, "access-token", "{t0ken}"],
    ["text", "t0ken", undefined, {}, "access-token", "t0ken"],
    ["an API key", "k", undefined, { bare: "apiKey" }, "api-key", "k"],
    ["a refresh token", "r", undefined, { bare: "refreshToken" }, "refresh-token", "r"],
    ["a password", '{"p', undefined, { bare: "password", username: "alice" }, "password", '{"p'],
    ["a client secret", "c", undefined, { bare: "clientSecret", clientId: "app" }, "client-secret", "c"],
    [
      "a key",
      '{"kty":"EC"}',
      "application/json",
      { bare: "privateKey", clientId: "app", keyId: "1" },
      "private-key",
      '{"kty":"EC"}',
    ],
    ["a field", '{"a":{"b":"t0ken"}}', undefined, { field: "/a/b" }, "access-token", "t0ken"],
    [
      "fields",
      '{"user":"alice","pw":"p"}',
      undefined,
      { fields: { username: "user", password: "/pw" } },
      "password",
      "p",
    ],
    [
      "base64",
      btoa('{"token":"t0ken"}').replace(/.{8}/g, "$&\n"),
      undefined,
      { encoding: "base64" },
      "access-token",
      "t0ken",
    ],
    ["25 kB", "x".repeat(25_000), undefined, {}, "access-token", "x".repeat(25_000)],
  ])("%s", async (_what, value, contentType, options, type, secret) => {
    const { provider, id } = stored(value, { contentType }, options);
    const found = await provider.get();
    expect(found).toMatchObject({ type, version: id, source: provider.name });
    expect(secretOf(found)).toBe(secret);
  });

  test.each<[string, string, string | undefined, Partial<FromAzureKeyVaultOptions>, string]>([
    ["nothing in it is there, and unusable", "", undefined, {}, "payload-malformed"],
    ["declared JSON that is none", "t0ken", "application/json", {}, "payload-malformed"],
    ["declared JSON of another kind", "[1]", "application/vnd.acme+json", {}, "payload-malformed"],
    ["half a credential", '{"username":"alice"}', undefined, {}, "half-credential"],
    ["no such field", '{"a":1}', undefined, { field: "b" }, "no-field"],
    ["no base64", "t0ken!", undefined, { encoding: "base64" }, "payload-malformed"],
    ["base64 of no text", btoa("\xff\xfe"), undefined, { encoding: "base64" }, "payload-malformed"],
  ])("%s", async (_what, value, contentType, options, reason) => {
    const { provider } = stored(value, { contentType }, options);
    expect(await failing(provider)).toMatchObject({ reason });
  });
});

describe("the dates of a secret", () => {
  const expired = { attributes: { exp: seconds - day } };
  const early = { attributes: { nbf: seconds + day } };

  test("its expiry travels along", async () => {
    const { provider, warnings } = stored("t", { attributes: { nbf: seconds - day, exp: seconds + day } });
    expect(await provider.get()).toMatchObject({ expiresAt: new Date(clock.now() + day * 1_000) });
    expect(warnings).toEqual([]);
  });

  test("the payload's own expiry counts if it is earlier", async () => {
    const at = (days: number) => JSON.stringify({ token: "t", expires_at: seconds + days * day });
    const about = { attributes: { exp: seconds + 2 * day } };
    for (const [days, least] of [
      [1, 1],
      [3, 2],
    ] as const)
      expect((await stored(at(days), about).provider.get()).expiresAt?.getTime()).toBe(
        (seconds + least * day) * 1_000,
      );
  });

  test.each([
    ["secret-expired", expired, /expired on 2026-01-14T00:00:00Z/],
    ["secret-not-yet-valid", early, /not valid before 2026-01-16T00:00:00Z/],
  ] as const)("%s: the vault hands it out all the same; a warning, once", async (reason, about, says) => {
    const { provider, warnings } = stored("t", about);
    const found = await provider.get();
    await provider.get({ forceRefresh: true });
    expect(found.expiresAt).toBeUndefined();
    expect(warnings).toEqual([{ reason, message: expect.stringMatching(says) }]);
    expect(await failing(stored("t", about, { validity: "error" }).provider)).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason,
      message: expect.stringMatching(says),
    });
    const ignoring = stored("t", about, { validity: "ignore" });
    expect(await ignoring.provider.get()).toMatchObject({ type: "access-token" });
    expect(ignoring.warnings).toEqual([]);
  });

  test("one that is disabled is refused even where the vault would hand it out", async () => {
    const client: AzureKeyVaultClient = {
      getSecret: async () => ({ value: "t", properties: { enabled: false } }),
    };
    expect(await failing(fromAzureKeyVault({ secret: "s", client }))).toMatchObject({
      reason: "secret-disabled",
    });
    const found = await fromAzureKeyVault({ secret: "s", client, validity: "ignore" }).get();
    expect(found).toMatchObject({ type: "access-token" });
  });

  test("warnings and errors hold nothing of the secret", async () => {
    const secret = canary("dates");
    const { provider, warnings } = stored(secret.value, expired);
    await provider.get();
    secret.check(warnings, provider);
    secret.check(await failing(stored(secret.value, expired, { validity: "error" }).provider));
  });
});

describe("which secret", () => {
  test("names have no case, and a slash at the end is nothing", async () => {
    const { vault } = world;
    const { id } = vault.add("acme", "t");
    const credential = vault.credential();
    const { port } = vault;
    for (const options of [
      { vault: `${vault.url}/`, secret: "ACME" },
      { vault: `Acme.Vault.Localhost:${port}`, secret: "acme" },
      { secret: `${vault.url}/secrets/Acme` },
      { secret: `${vault.url}/secrets/acme/` },
      { secret: `${vault.url}/secrets/acme/${id}/` },
      { secret: `${vault.url}/secrets/acme`, vault: vault.url, version: id.toUpperCase() },
    ]) {
      const provider = fromAzureKeyVault({ ...options, credential });
      expect(await provider.get()).toMatchObject({ version: id });
      expect(provider.name).toMatch(/^azure-kv acme\.vault\.localhost:\d+\/acme(\/[0-9a-f]{32})?$/);
    }
  });

  test.each([
    [{ vault: "billing", secret: "db" }, "azure-kv billing.vault.azure.net/db"],
    [{ vault: "billing", secret: "db", cloud: "usgov" }, "azure-kv billing.vault.usgovcloudapi.net/db"],
    [{ vault: "billing", secret: "db", cloud: "china" }, "azure-kv billing.vault.azure.cn/db"],
    [
      { vault: "https://Billing.vault.azure.net:443/", secret: "DB", version: "0F1E" },
      "azure-kv billing.vault.azure.net/db/0f1e",
    ],
    [
      { secret: "https://billing.vault.azure.net/secrets/db/0f1e" },
      "azure-kv billing.vault.azure.net/db/0f1e",
    ],
    [{ vault: "kv.private.example.", secret: "db" }, "azure-kv kv.private.example/db"],
  ] as const)("%j is %s", (options, name) => {
    expect(fromAzureKeyVault(options).name).toBe(name);
  });

  test("an older version is read if it is named", async () => {
    const { vault } = world;
    const [old, now] = [vault.add("versions", "old").id, vault.add("versions", "new").id];
    const at = { vault: vault.url, secret: "versions", credential: vault.credential() };
    expect(await fromAzureKeyVault(at).get()).toMatchObject({ version: now });
    const found = await fromAzureKeyVault({ ...at, version: old }).get();
    expect([found.version, secretOf(found)]).toEqual([old, "old"]);
  });
});

describe("a client of one's own", () => {
  test("is used as it is, for many secrets of its vault", async () => {
    const { vault } = world;
    vault.add("one", "1");
    vault.add("two", "2");
    const client = new SecretClient(vault.url, vault.credential());
    const [one, two] = ["one", "two"].map((secret) => fromAzureKeyVault({ secret, client }));
    expect([await one?.get().then(secretOf), await two?.get().then(secretOf)]).toEqual(["1", "2"]);
    expect(one?.name).toBe(`azure-kv acme.vault.localhost:${vault.port}/one`);
    expect(() => fromAzureKeyVault({ secret: "https://other.vault.azure.net/secrets/one", client })).toThrow(
      /another one/,
    );
  });

  test("is not tried again: it does so itself", async () => {
    let calls = 0;
    const client: AzureKeyVaultClient = {
      async getSecret() {
        calls++;
        throw Object.assign(new Error("words"), { statusCode: 503, code: "ServerBusy" });
      },
    };
    expect(await failing(fromAzureKeyVault({ secret: "s", client }))).toMatchObject({
      reason: "server-error",
    });
    expect(calls).toBe(1);
  });

  test.each([
    ["text", "thrown text", "ERR_AUTH_INVALID", "unexpected-failure"],
    ["nothing", undefined, "ERR_AUTH_INVALID", "unexpected-failure"],
    [
      "its own cause",
      Object.assign(new Error("words"), {
        get cause() {
          return this;
        },
      }),
      "ERR_AUTH_INVALID",
      "unexpected-failure",
    ],
    [
      "a hostile error",
      {
        get code(): never {
          throw new Error("no");
        },
      },
      "ERR_AUTH_INVALID",
      "unexpected-failure",
    ],
    [
      "another copy's error",
      { name: "RestError", statusCode: 403, details: { error: { innerError: { code: "ForbiddenByRbac" } } } },
      "ERR_AUTH_DENIED",
      "no-role",
    ],
  ])("SEC-117 that throws %s", async (_what, thrown, code, reason) => {
    const client: AzureKeyVaultClient = { getSecret: () => Promise.reject(thrown) };
    expect(await failing(fromAzureKeyVault({ secret: "s", client }))).toMatchObject({ code, reason });
  });
});

test.each<[string, object]>([
  ["no vault", { secret: "db" }],
  ["no secret", { vault: "billing" }],
  ["a name that no secret has", { vault: "billing", secret: "db_password" }],
  ["a name that is too long", { vault: "billing", secret: "x".repeat(128) }],
  ["a version that is none", { vault: "billing", secret: "db", version: "latest/1" }],
  ["a vault's name that is none", { vault: "b", secret: "db" }],
  ["SEC-20 http", { vault: "http://billing.vault.azure.net", secret: "db" }],
  ["SEC-20 http in the identifier", { secret: "http://billing.vault.azure.net/secrets/db" }],
  ["SEC-21 userinfo", { vault: "https://u:hunter2@billing.vault.azure.net", secret: "db" }],
  ["SEC-21 userinfo in the identifier", { secret: "https://u:hunter2@billing.vault.azure.net/secrets/db" }],
  ["SEC-21 a fragment", { vault: "https://billing.vault.azure.net#hunter2", secret: "db" }],
  ["a path", { vault: "https://billing.vault.azure.net/secrets", secret: "db" }],
  ["a key's identifier", { secret: "https://billing.vault.azure.net/keys/db" }],
  ["two vaults", { vault: "other", secret: "https://billing.vault.azure.net/secrets/db" }],
  ["two versions", { secret: "https://billing.vault.azure.net/secrets/db/1", version: "2" }],
  ["an unknown cloud", { vault: "billing", secret: "db", cloud: "mars" }],
  ["an unknown credential", { vault: "billing", secret: "db", credential: "browser" }],
  ["a credential that is none", { vault: "billing", secret: "db", credential: {} }],
  [
    "identity beside a credential",
    { vault: "billing", secret: "db", credential: { getToken() {} }, identity: {} },
  ],
  ["a credential beside a client", { secret: "db", client: { getSecret() {} }, credential: "cli" }],
  ["a client that is none", { secret: "db", client: {} }],
  ["both field and fields", { vault: "billing", secret: "db", field: "a", fields: {} }],
  ["a password without a user", { vault: "billing", secret: "db", bare: "password" }],
  ["a user without a password", { vault: "billing", secret: "db", username: "alice" }],
  ["a field of a password", { vault: "billing", secret: "db", bare: "password", username: "a", field: "b" }],
  ["an unknown meaning", { vault: "billing", secret: "db", bare: "pin" }],
  ["an unknown encoding", { vault: "billing", secret: "db", encoding: "hex" }],
  ["an unknown validity", { vault: "billing", secret: "db", validity: "strict" }],
  ["a time that is none", { vault: "billing", secret: "db", ttlMs: -1 }],
  ["no time at all", { vault: "billing", secret: "db", timeoutMs: 0 }],
])("%s: TypeError that quotes nothing", (_what, options) => {
  const make = (): unknown => fromAzureKeyVault(options as never);
  expect(make).toThrow(TypeError);
  expect(make).toThrow(/^fromAzureKeyVault: (?!.*(?:hunter2|db_password))/);
});
