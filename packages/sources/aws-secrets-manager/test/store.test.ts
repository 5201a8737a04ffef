import { explain } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { type FromAwsSecretsManagerOptions, fromAwsSecretsManager } from "../src/index.ts";
import { failing, secretOf } from "./support/outcome.ts";
import { describeStores, region } from "./support/world.ts";

describeStores("what the store holds", (world) => {
  /** Reads through the client that the package makes for itself. */
  async function read(options: FromAwsSecretsManagerOptions) {
    await using provider = fromAwsSecretsManager(options);
    return await provider.get();
  }
  const fails = async (options: FromAwsSecretsManagerOptions): Promise<unknown> => {
    await using provider = fromAwsSecretsManager(options);
    return await failing(provider);
  };

  describe("payloads", () => {
    const login = canary("login");
    const pair = { username: "alice", password: login.value };

    test.each<[what: string, value: string | object, type: string, options?: object]>([
      ["a user name and a password", pair, "password"],
      [
        "a database's secret, with more in it",
        { ...pair, engine: "postgres", host: "db", port: 5432 },
        "password",
      ],
      ["a client and its secret", { client_id: "app", client_secret: login.value }, "client-secret"],
      ["an API key", { api_key: login.value }, "api-key"],
      ["a bare token", login.value, "access-token"],
      ["a bare API key", login.value, "api-key", { bare: "apiKey" }],
      ["a bare password", login.value, "password", { bare: "password", username: "alice" }],
      ["a bare client secret", login.value, "client-secret", { bare: "clientSecret", clientId: "app" }],
      ["a part", { main: pair, spare: { username: "bob", password: "x" } }, "password", { field: "/main" }],
      ["a key with a dot in it", { "db.main": login.value }, "access-token", { field: "db.main" }],
      [
        "a part that is a password",
        { db: { pw: login.value } },
        "password",
        { field: "/db/pw", bare: "password", username: "alice" },
      ],
      [
        "names of its own",
        { u: "alice", p: { w: login.value } },
        "password",
        { fields: { username: "u", password: "/p/w" } },
      ],
      ["base64", Buffer.from(JSON.stringify(pair)).toString("base64"), "password", { encoding: "base64" }],
    ])("%s", async (_, value, type, options = {}) => {
      const found = await read({ secretId: await world().create(value), ...options });
      expect(found.type).toBe(type);
      expect(secretOf(found)).toBe(login.value);
      login.check(found);
    });

    test("bytes that are text", async () => {
      const secret = await world().create(
        Buffer.from(JSON.stringify({ username: "alicé", password: login.value })),
      );
      const found = await read({ secretId: secret });
      expect(found).toMatchObject({ type: "password", username: "alicé" });
      expect(secretOf(found)).toBe(login.value);
    });

    test("bytes that are no text are refused, not mangled", async () => {
      const secret = await world().create(new Uint8Array([0xff, 0x00, 0xfe]));
      expect(await fails({ secretId: secret })).toMatchObject({
        code: "ERR_AUTH_INVALID",
        reason: "not-utf8",
      });
    });

    test("a field that is not there, or not text", async () => {
      const secret = await world().create({ main: pair });
      expect(await fails({ secretId: secret, field: "spare" })).toMatchObject({
        code: "ERR_AUTH_NOT_FOUND",
        reason: "no-field",
      });
      expect(await fails({ secretId: secret, field: "main", bare: "password", username: "a" })).toMatchObject(
        {
          code: "ERR_AUTH_INVALID",
          reason: "payload-malformed",
        },
      );
      expect(await fails({ secretId: await world().create("{not json") })).toMatchObject({
        reason: "payload-malformed",
      });
      expect(await fails({ secretId: secret, encoding: "base64" })).toMatchObject({
        reason: "payload-malformed",
      });
    });
  });

  describe("versions", () => {
    test("SEC-69 AWSPENDING is used only when it is named; the version travels on the credential", async () => {
      const secret = await world().create("first");
      const second = await world().put(secret, "second");
      const third = await world().put(secret, "third", "AWSPENDING");

      const current = await read({ secretId: secret });
      expect([secretOf(current), current.version]).toEqual(["second", second]);
      expect(world().front.seen.at(-1)?.input).toEqual({ SecretId: secret });

      const pending = await read({ secretId: secret, versionStage: "AWSPENDING" });
      expect([secretOf(pending), pending.version]).toEqual(["third", third]);
      expect(secretOf(await read({ secretId: secret, versionStage: "AWSPREVIOUS" }))).toBe("first");

      await world().move(secret, "AWSCURRENT", second, third);
      // With the label: moto forgets to move what it reads without one.
      expect(secretOf(await read({ secretId: secret, versionStage: "AWSCURRENT" }))).toBe("third");
      expect(secretOf(await read({ secretId: secret, versionId: second }))).toBe("second");
    });

    test("version and stage are both passed on, for AWS to compare", async () => {
      const secret = await world().create("first");
      const version = await world().put(secret, "second");
      expect(secretOf(await read({ secretId: secret, versionId: version, versionStage: "AWSCURRENT" }))).toBe(
        "second",
      );
      expect(world().front.seen.at(-1)?.input).toEqual({
        SecretId: secret,
        VersionId: version,
        VersionStage: "AWSCURRENT",
      });
      const none = { code: "ERR_AUTH_NOT_FOUND", reason: "no-version" };
      expect(
        await fails({ secretId: secret, versionId: version, versionStage: "AWSPREVIOUS" }),
      ).toMatchObject(none);
      expect(await fails({ secretId: secret, versionStage: "NONE" })).toMatchObject(none);
    });

    test("a secret without a value has no version, and is not absent", async () => {
      const secret = await world().create();
      expect(await fails({ secretId: secret })).toMatchObject({
        code: "ERR_AUTH_NOT_FOUND",
        reason: "no-version",
      });
    });
  });

  test("an ARN names the secret and its region", async () => {
    const secret = await world().arn(await world().create("text"));
    await using provider = fromAwsSecretsManager({ secretId: secret });
    expect(secretOf(await provider.get())).toBe("text");
    expect(provider.name).toBe(`aws-sm ${secret}`);
    expect(secret).toContain(`:${region}:`);
  });

  test("absent, deleted, deleted for good and restored are told apart", async () => {
    const secret = await world().create("text");
    const absent = { code: "ERR_AUTH_NOT_FOUND", reason: "no-secret" };
    expect(await fails({ secretId: "team/nobody" })).toMatchObject(absent);
    await world().remove(secret);
    expect(await fails({ secretId: secret })).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "pending-deletion",
      message: expect.stringContaining(`aws secretsmanager restore-secret --secret-id ${secret}`),
    });
    await world().restore(secret);
    expect(secretOf(await read({ secretId: secret }))).toBe("text");
    await world().remove(secret, "for-good");
    expect(await fails({ secretId: secret })).toMatchObject(absent);
  });

  test("a client of one's own is used as it is, and outlives the provider", async () => {
    const client = world().client();
    const secret = await world().create("text");
    const provider = fromAwsSecretsManager({ secretId: secret, client });
    expect(secretOf(await provider.get())).toBe("text");
    await provider[Symbol.asyncDispose]?.();
    await using again = fromAwsSecretsManager({ secretId: secret, client });
    expect(secretOf(await again.get())).toBe("text");
    client.destroy();
  });

  test("SEC-54 a thousand concurrent reads are one request", async () => {
    const secret = await world().create("text");
    await using provider = fromAwsSecretsManager({ secretId: secret });
    const found = await Promise.all(Array.from({ length: 1000 }, () => provider.get()));
    expect(new Set(found).size).toBe(1);
    expect(world().front.reads()).toBe(1);
  });

  test("explain says which version was found, and nothing of the secret", async () => {
    const token = canary("token");
    const secret = await world().create(token.value);
    await using provider = fromAwsSecretsManager({ secretId: secret });
    const said = await explain(provider);
    expect(said).toMatchObject({
      provider: `aws-sm ${secret}`,
      outcome: "found",
      version: expect.stringMatching(/^[\w-]{36}$/),
    });
    token.check(said);
  });
});
