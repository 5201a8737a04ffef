import { createAuth, type Provider } from "@auth/core";
import { canary, type TokenServer, tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { fromAwsSecretsManager } from "../src/index.ts";
import { fromLocalAgent } from "../src/local-agent.ts";
import { clientCredentials } from "./support/client-credentials.ts";
import { useAgent } from "./support/local-agent.ts";
import { failing } from "./support/outcome.ts";
import { describeStores } from "./support/world.ts";

/** An app that runs while the secret of its client is rotated. */
async function app(server: TokenServer, credentials: Provider & AsyncDisposable) {
  const policy = { retryGapMs: 0 }; // its API refuses one token after the other
  const auth = createAuth({ grant: clientCredentials(server.tokenEndpoint), credentials, policy });
  const token = async () => (await auth.getToken()).reveal();
  await token();
  return {
    token: async () => {
      auth.reject(await auth.getToken());
      return token();
    },
    async [Symbol.asyncDispose]() {
      await auth[Symbol.asyncDispose]();
      await credentials[Symbol.asyncDispose]();
    },
  };
}

const client = (server: TokenServer, secret: string): string => {
  server.clients.set(server.client.id, secret);
  return JSON.stringify({ client_id: server.client.id, client_secret: secret });
};

describeStores("SEC-69 the secret changes while the app runs", (world) => {
  test("the next call heals itself: two token requests, one read", async () => {
    await using server = await tokenServer();
    const [before, after] = [canary("before"), canary("after")];
    const secret = await world().create(client(server, before.value));
    await using running = await app(server, fromAwsSecretsManager({ secretId: secret }));
    expect([server.counts.tokenRequests, world().front.reads()]).toEqual([1, 1]);

    await world().put(secret, client(server, after.value));
    await running.token();
    expect([server.counts.tokenRequests, world().front.reads()]).toEqual([3, 2]);
    await running.token();
    expect([server.counts.tokenRequests, world().front.reads()]).toEqual([4, 2]);
  });

  test("a hundred callers heal together", async () => {
    await using server = await tokenServer();
    const secret = await world().create(client(server, canary().value));
    await using running = await app(server, fromAwsSecretsManager({ secretId: secret }));
    await world().put(secret, client(server, canary().value));
    await Promise.all(Array.from({ length: 100 }, () => running.token()));
    expect([server.counts.tokenRequests, world().front.reads()]).toEqual([3, 2]);
  });

  test("a secret that was not rotated is refused for good: one more read, no second request", async () => {
    await using server = await tokenServer();
    const secret = await world().create(client(server, canary().value));
    await using running = await app(server, fromAwsSecretsManager({ secretId: secret }));
    client(server, canary("elsewhere").value);
    expect(await failing(running.token())).toMatchObject({
      code: "ERR_AUTH_GRANT",
      reason: "credential-rejected",
    });
    expect([server.counts.tokenRequests, world().front.reads()]).toEqual([2, 2]);
  });

  test("half way through a rotation, AWSPENDING is not taken", async () => {
    await using server = await tokenServer();
    const secret = await world().create(client(server, canary("old").value));
    await using running = await app(server, fromAwsSecretsManager({ secretId: secret }));
    const pending = client(server, canary("new").value);
    const version = await world().put(secret, pending, "AWSPENDING");
    expect(await failing(running.token())).toMatchObject({ reason: "credential-rejected" });
    expect(world().front.seen.at(-1)?.input).toEqual({ SecretId: secret });
    expect(version).toMatch(/^[\w-]{36}$/);
  });
});

const { agent, token } = useAgent();
test("SEC-69 by the local agent, whose cache is passed too", async () => {
  await using server = await tokenServer();
  const secret = "team/client";
  agent().store("CreateSecret", { Name: secret, SecretString: client(server, canary().value) });
  const credentials = fromLocalAgent({
    secretId: secret,
    port: agent().port,
    env: { AWS_TOKEN: token.value },
  });
  await using running = await app(server, credentials);
  agent().store("PutSecretValue", { SecretId: secret, SecretString: client(server, canary().value) });
  await running.token();
  expect([server.counts.tokenRequests, agent().reads()]).toEqual([3, 2]);
});
