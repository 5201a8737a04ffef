import { describe, expect, test } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";
import { secretOf, theVault } from "./support/world.ts";

const world = theVault();

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
