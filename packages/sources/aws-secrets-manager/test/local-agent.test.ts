import { createResolver, parseReference } from "@auth/core/resolver";
import { testProvider } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { scheme } from "../src/local-agent.ts";
import { again, refusal, useAgent } from "./support/local-agent.ts";
import { failing, secretOf } from "./support/outcome.ts";

const { agent, from } = useAgent();
const secret = "team/app";
const store = (operation: string, input: object): unknown =>
  agent().store(operation, { Name: secret, SecretId: secret, ...input });
const create = (value: object | string): unknown =>
  store("CreateSecret", { SecretString: typeof value === "string" ? value : JSON.stringify(value) });
const put = (value: string, more: object = {}): unknown =>
  store("PutSecretValue", { SecretString: value, ...more });
const answer = (value: object): string =>
  JSON.stringify({ SecretString: JSON.stringify(value), VersionId: "v" });

testProvider({
  describe,
  test,
  name: "fromLocalAgent",
  create: () => from({ secretId: secret, attempts: 1 }),
  arrange: {
    // The agent keeps what it read, so each state begins with an answer of its own.
    present: (password) =>
      agent().fault(...again({ status: 200, body: answer({ username: "alice", password }) })),
    absent: () => agent().fault(...again(refusal("ResourceNotFoundException"))),
    denied: (text) => agent().fault(...again(refusal("AccessDeniedException", text))),
    malformed: (text) => agent().fault(...again({ status: 200, body: `{"SecretString":"${text}` })),
    halfConfigured: (password) => agent().fault(...again({ status: 200, body: answer({ password }) })),
    unreachable: (text) =>
      agent().fault(...again({ status: 502, body: `{"__type":"ConnectionError", "message":"${text}"}` })),
    slow: (password) => {
      agent().fault(...again({ status: 200, body: answer({ username: "alice", password }) }));
      const { promise, resolve } = Promise.withResolvers<void>();
      agent().hold(promise);
      return resolve;
    },
  },
  remembersMisses: true,
  reveal: (credential) => (credential.type === "password" ? credential.password.reveal() : ""),
});

describe("what it asks for", () => {
  test("the secret, its version and its stage; the version travels on the credential", async () => {
    create({ username: "alice", password: "first" });
    const ClientRequestToken = "0f4c1b2a-0000-4000-8000-000000000002";
    put('{"username":"alice","password":"second"}', { ClientRequestToken });
    await using current = from({ secretId: secret });
    const found = await current.get();
    expect([found.type, secretOf(found), found.version]).toEqual(["password", "second", ClientRequestToken]);
    expect(agent().seen.map(String)).toEqual(["secretId=team%2Fapp"]);
    await using before = from({ secretId: secret, versionStage: "AWSPREVIOUS" });
    expect(secretOf(await before.get())).toBe("first");
    await using by = from({ secretId: secret, versionId: ClientRequestToken, versionStage: "AWSCURRENT" });
    expect(secretOf(await by.get())).toBe("second");
    expect(Object.fromEntries(agent().seen.at(-1) ?? [])).toEqual({
      secretId: secret,
      versionId: ClientRequestToken,
      versionStage: "AWSCURRENT",
    });
  });

  test("bytes come as base64", async () => {
    store("CreateSecret", { Name: "team/bytes", SecretBinary: Buffer.from("tökén").toString("base64") });
    await using provider = from({ secretId: "team/bytes" });
    expect(secretOf(await provider.get())).toBe("tökén");
  });

  test("SEC-69 forceRefresh goes past the agent's cache, too", async () => {
    create("first");
    await using provider = from({ secretId: secret });
    expect(secretOf(await provider.get({ forceRefresh: true }))).toBe("first");
    put("second");
    const reads = agent().reads();
    await using another = from({ secretId: secret });
    expect(secretOf(await another.get())).toBe("first"); // the agent still has it
    expect(secretOf(await provider.get({ forceRefresh: true }))).toBe("second");
    expect(agent().reads()).toBe(reads + 1);
  });

  test("SEC-54 a thousand concurrent reads are one request", async () => {
    create("first");
    await using provider = from({ secretId: secret });
    await Promise.all(Array.from({ length: 1000 }, () => provider.get()));
    expect(agent().seen).toHaveLength(1);
  });

  test("an absent secret, in AWS's words", async () => {
    await using provider = from({ secretId: "team/nobody" });
    expect(await failing(provider)).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "no-secret" });
  });
});

describe("references", () => {
  const resolve = createResolver([scheme]);

  test("the same ones as by the SDK, without a region", () => {
    expect(resolve("aws-sm:prod/acme#/password").name).toBe("aws-sm agent/prod/acme#/password");
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/acme-AbCdEf";
    expect(resolve(arn).name).toBe(`aws-sm ${arn}`);
    expect(scheme.describe?.(parseReference("aws-sm:prod/acme"))).toBe(
      "the secret prod/acme at the local agent",
    );
  });

  test("a region is refused: the agent has its own", async () => {
    const asked = new Promise((done) => done(resolve("aws-sm://eu-west-1/prod/acme")));
    expect(await failing(asked)).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "reference" });
  });
});
