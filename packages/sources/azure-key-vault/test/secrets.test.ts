import { canary, fakeClock } from "@auth/testkit";
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
