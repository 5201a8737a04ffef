// A secret is rotated while a program runs: our grant, a certified authorization server, and the stores that enterprises have.

import { fromAwsSecretsManager } from "@auth/aws-secrets-manager";
import { fromAzureKeyVault } from "@auth/azure-key-vault";
import { createAuth, type Provider } from "@auth/core";
import { clientCredentials } from "@auth/oauth";
import { expect, test } from "vitest";
import { describeStores } from "../../packages/sources/aws-secrets-manager/test/support/world.ts";
import { theVault } from "../../packages/sources/azure-key-vault/test/support/world.ts";
import { type AuthorizationServer, authorizationServer } from "../stage/authorization-server.ts";

interface Store {
  /** Puts the service's login there, as its current version. */
  put(login: string): Promise<void>;
  credentials(): Provider & AsyncDisposable;
  /** How often a secret was read, by the store's own count. */
  reads(): number;
}

const loginOf = ({ service }: AuthorizationServer): string =>
  JSON.stringify({ client_id: service.id, client_secret: service.secret });

/** A program that runs and has its first token; and what has happened at both servers since. */
async function running(store: Store) {
  const server = await authorizationServer();
  await store.put(loginOf(server));
  const credentials = store.credentials();
  const auth = createAuth({
    grant: clientCredentials({ issuer: server.issuer }),
    credentials,
    policy: { retryGapMs: 0 }, // its API refuses one token right after the other
  });
  await auth.getToken();
  const before = [server.tokenRequests, store.reads()] as const;
  return {
    server,
    /** What the program does when a server no longer takes its token. */
    nextToken: async (): Promise<string> => {
      auth.reject(await auth.getToken());
      return (await auth.getToken()).reveal();
    },
    since: () => ({ tokenRequests: server.tokenRequests - before[0], reads: store.reads() - before[1] }),
    async [Symbol.asyncDispose]() {
      await auth[Symbol.asyncDispose]();
      await credentials[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function heals(store: Store): Promise<void> {
  await using program = await running(store);
  const { server, nextToken, since } = program;
  server.rotate();
  await store.put(loginOf(server));
  expect(await server.holder(await nextToken())).toBe(server.service.id);
  expect(since()).toEqual({ tokenRequests: 2, reads: 1 });
  expect(server.tally(server.service.id)).toMatchObject({ granted: 2, refused: 1 });
  expect(await server.holder(await nextToken())).toBe(server.service.id);
  expect(since()).toEqual({ tokenRequests: 3, reads: 1 });
}

/** All at once, which is how a busy program finds out. */
async function healsTogether(store: Store): Promise<void> {
  await using program = await running(store);
  const { server, nextToken, since } = program;
  server.rotate();
  await store.put(loginOf(server));
  const tokens = await Promise.all(Array.from({ length: 100 }, nextToken));
  expect(new Set(tokens).size).toBe(1);
  expect(since()).toEqual({ tokenRequests: 2, reads: 1 });
}

describeStores("AWS Secrets Manager", (world) => {
  const store = async (): Promise<Store> => {
    const secretId = await world().create("{}");
    return {
      put: async (login) => void (await world().put(secretId, login)),
      credentials: () => fromAwsSecretsManager({ secretId }),
      reads: () => world().front.reads(),
    };
  };
  test("SEC-69 the next call heals itself: two token requests, one read", async () => heals(await store()));
  test("SEC-69 a hundred calls heal together", async () => healsTogether(await store()));
});

const azure = theVault();
const vaultStore = (secret: string): Store => ({
  put: async (login) => void azure.vault.add(secret, login, { contentType: "application/json" }),
  credentials: () =>
    fromAzureKeyVault({ vault: azure.vault.url, secret, credential: azure.vault.credential() }),
  reads: () => azure.vault.reads(),
});
test("SEC-69 Azure Key Vault: the next call heals itself: two token requests, one read", () =>
  heals(vaultStore("rotated")));
test("SEC-69 Azure Key Vault: a hundred calls heal together", () => healsTogether(vaultStore("together")));
