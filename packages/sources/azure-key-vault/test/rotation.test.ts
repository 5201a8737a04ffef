import { createAuth } from "@auth/core";
import { canary, tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";
import { clientCredentials } from "./support/client-credentials.ts";
import { failing, theVault } from "./support/world.ts";

const world = theVault();

/** A program that runs, whose client secret is in the vault under `name`. */
async function running(name: string) {
  const { vault } = world;
  const server = await tokenServer();
  const store = (clientSecret: string) =>
    vault.add(name, JSON.stringify({ client_id: server.client.id, client_secret: clientSecret }), {
      contentType: "application/json",
    });
  const { id } = store(server.client.secret);
  const credentials = fromAzureKeyVault({ vault: vault.url, secret: name, credential: vault.credential() });
  const auth = createAuth({ grant: clientCredentials(server.tokenEndpoint), credentials });
  await auth.getToken();
  const before = { requests: server.counts.tokenRequests, reads: vault.reads() };
  return {
    auth,
    credentials,
    server,
    store,
    id,
    /** What has happened since the program got its first token. */
    since: () => [server.counts.tokenRequests - before.requests, vault.reads() - before.reads],
  };
}

test("SEC-69 a secret that changes while the program runs heals in the next call: two token requests, one read", async () => {
  const { auth, credentials, server, store, id, since } = await running("rotated");
  const secret = canary("rotated");
  const next = store(secret.value);
  server.clients.set(server.client.id, secret.value); // the old one stops working
  const token = await auth.getToken({ forceRefresh: true });
  expect(since()).toEqual([2, 1]);
  const answer = await fetch(server.resource, { headers: await auth.headers() });
  expect(answer.status).toBe(200);
  expect(next.id).not.toBe(id);
  expect((await credentials.get()).version).toBe(next.id);
  secret.check(token, auth, await auth.status());
  await server.close();
});

test("SEC-69 many callers at once cost no more", async () => {
  const { auth, server, store, since } = await running("stampede");
  store("next");
  server.clients.set(server.client.id, "next");
  const calls = Array.from({ length: 200 }, () => auth.getToken({ forceRefresh: true }));
  expect(new Set(await Promise.all(calls)).size).toBe(1);
  expect(since()).toEqual([2, 1]);
  await server.close();
});

test("SEC-69 a secret that is refused and has not changed is not sent again", async () => {
  const { auth, server, since } = await running("stale");
  server.clients.set(server.client.id, "next");
  expect(await failing(auth.getToken({ forceRefresh: true }))).toMatchObject({
    code: "ERR_AUTH_GRANT",
    reason: "credential-rejected",
  });
  expect(since()).toEqual([1, 1]);
  await server.close();
});

test("SEC-69 it heals with a token for the vault that has gone bad meanwhile", async () => {
  const { auth, server, store, since } = await running("both");
  store("next");
  server.clients.set(server.client.id, "next");
  world.vault.refuseTokens();
  await auth.getToken({ forceRefresh: true });
  expect(since()).toEqual([2, 1]);
  await server.close();
});
