import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createAuth } from "@auth/core";
import { tokenServer } from "@auth/testkit";
import { DefaultAzureCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AzureTokenCredential, fromAzureKeyVault } from "../src/index.ts";
import { clientCredentials } from "./support/client-credentials.ts";
import { resolveLocalhost } from "./support/localhost.ts";
import { trust } from "./support/trust.ts";
import { vaultDouble } from "./support/vault-double.ts";
import { failing, secretOf } from "./support/world.ts";

/** Where a vault is, and who may write and read there. */
interface Target {
  readonly url: string;
  readonly credential: AzureTokenCredential;
  close(): Promise<void> | void;
}

/** Ours, and any other one, a real vault or an emulator: AUTH_AZURE_VAULT_URL, and AUTH_AZURE_VAULT_CA for its certificate. */
const { AUTH_AZURE_VAULT_URL: other, AUTH_AZURE_VAULT_CA: ca, AUTH_AZURE_VAULT_TOKEN: token } = process.env;
if (!other)
  console.warn("SKIPPED: no vault but our own double was read, as AUTH_AZURE_VAULT_URL is not set.");

async function ours(): Promise<Target> {
  const vault = await vaultDouble();
  const distrust = trust(vault.ca);
  return {
    url: vault.url,
    credential: vault.credential(),
    close() {
      distrust();
      return vault.close();
    },
  };
}

function theirs(): Target {
  const fixed = {
    getToken: async () => ({ token: token ?? "", expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const credential = token ? fixed : new DefaultAzureCredential();
  return { url: other as string, credential, close: ca ? trust(readFileSync(ca, "utf8")) : () => {} };
}

resolveLocalhost();
describe.each<[string, () => Target | Promise<Target>, boolean]>([
  ["our double", ours, true],
  ["the vault of AUTH_AZURE_VAULT_URL", theirs, Boolean(other)],
])("%s", (_where, open, there) => {
  let target: Target;
  let admin: SecretClient;
  const written: string[] = [];
  const named = (): string => {
    const name = `auth-${randomBytes(6).toString("hex")}`;
    written.push(name);
    return name;
  };
  const read = (secret: string, version?: string) =>
    fromAzureKeyVault({ vault: target.url, secret, version, credential: target.credential });

  beforeAll(async () => {
    if (!there) return;
    target = await open();
    admin = new SecretClient(target.url, target.credential);
  });
  afterAll(async () => {
    if (!there) return;
    for (const name of written) await admin.beginDeleteSecret(name).catch(() => {});
    await target.close();
  });

  test.runIf(there)("a JSON secret, with its version and content type", async () => {
    const name = named();
    const text = JSON.stringify({ username: "alice", password: "correct horse" });
    const { properties } = await admin.setSecret(name, text, { contentType: "application/json" });
    expect(await read(name).get()).toMatchObject({
      type: "password",
      username: "alice",
      version: properties.version,
    });
  });

  test.runIf(there)("the newest version, and an older one by its id", async () => {
    const name = named();
    const old = await admin.setSecret(name, "old");
    await admin.setSecret(name, "new");
    expect(secretOf(await read(name).get())).toBe("new");
    expect(secretOf(await read(name.toUpperCase(), old.properties.version).get())).toBe("old");
  });

  test.runIf(there)("25 kB, and every script", async () => {
    const name = named();
    const text = "Pässwörter-пароль-密码-🔑".repeat(600).slice(0, 12_000);
    await admin.setSecret(name, text);
    expect(secretOf(await read(name).get())).toBe(text);
  });

  test.runIf(there)("an expiry date travels along; one that is over does not stop the vault", async () => {
    const name = named();
    const expiresOn = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 86_400_000);
    await admin.setSecret(name, "t", { expiresOn });
    expect((await read(name).get()).expiresAt).toEqual(expiresOn);
    await admin.setSecret(name, "t", { expiresOn: new Date(Date.UTC(2020, 0, 1)) });
    expect(await read(name).get()).toMatchObject({ type: "access-token" });
  });

  test.runIf(there)("the newest version is disabled: no older one comes in its place", async () => {
    const name = named();
    const old = await admin.setSecret(name, "old");
    const { properties } = await admin.setSecret(name, "new");
    await admin.updateSecretProperties(name, properties.version as string, { enabled: false });
    expect(await failing(read(name))).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "secret-disabled" });
    expect(secretOf(await read(name, old.properties.version).get())).toBe("old");
  });

  test.runIf(there)("neither there nor there any more is not found", async () => {
    const gone = { code: "ERR_AUTH_NOT_FOUND", reason: "no-secret", status: 404 };
    expect(await failing(read("auth-never-there"))).toMatchObject(gone);
    const name = named();
    const { properties } = await admin.setSecret(name, "t");
    expect(await failing(read(name, "0".repeat(32)))).toMatchObject(gone);
    await (await admin.beginDeleteSecret(name)).pollUntilDone();
    expect(await failing(read(name))).toMatchObject(gone);
    expect(await failing(read(name, properties.version))).toMatchObject(gone);
  });

  test.runIf(there)("a change is found by forceRefresh", async () => {
    const name = named();
    await admin.setSecret(name, "first");
    const provider = read(name);
    expect(secretOf(await provider.get())).toBe("first");
    await admin.setSecret(name, "second");
    expect(secretOf(await provider.get())).toBe("first");
    expect(secretOf(await provider.get({ forceRefresh: true }))).toBe("second");
  });

  test.runIf(there)(
    "SEC-69 a client secret that rotates heals in the next call, with two token requests",
    async () => {
      const name = named();
      await using server = await tokenServer();
      const store = (client_secret: string) =>
        admin.setSecret(name, JSON.stringify({ client_id: server.client.id, client_secret }));
      await store(server.client.secret);
      const auth = createAuth({ grant: clientCredentials(server.tokenEndpoint), credentials: read(name) });
      await auth.getToken();
      const before = server.counts.tokenRequests;
      await store("next");
      server.clients.set(server.client.id, "next");
      await auth.getToken({ forceRefresh: true });
      expect(server.counts.tokenRequests - before).toBe(2);
    },
  );
});
