import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { canary, fakeClock } from "@auth/testkit";
import { ClientSecretCredential, DefaultAzureCredential } from "@azure/identity";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type FromAzureKeyVaultOptions, fromAzureKeyVault } from "../src/index.ts";
import { overPauses } from "./support/over-pauses.ts";
import { failing, secretOf, theVault } from "./support/world.ts";

const world = theVault();
const home = mkdtempSync(join(tmpdir(), "auth-azure-"));
afterAll(() => rmSync(home, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());
beforeEach(() => {
  // What Azure's credentials look at on this machine must not decide a test.
  for (const name of Object.keys(process.env))
    if (/^(?:AZURE|IDENTITY|MSI)_/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", home);
  vi.stubEnv("PATH", home);
  return () => rmSync(join(home, "az"), { force: true });
});

const app = () => world.vault.app;
const clientSecret = (secret = app().secret, tenant = app().tenant) =>
  new ClientSecretCredential(tenant, app().id, secret, {
    authorityHost: world.vault.authority,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
  });

/** A provider of a secret that is there. */
function signingIn(credential: FromAzureKeyVaultOptions["credential"], options: { ttlMs?: number } = {}) {
  const { vault } = world;
  vault.add("acme", "t0ken");
  return fromAzureKeyVault({ vault: vault.url, secret: "acme", credential, clock: fakeClock(), ...options });
}

describe("a credential of @azure/identity, as it is", () => {
  test("signs in", async () => {
    expect(secretOf(await signingIn(clientSecret()).get())).toBe("t0ken");
  });

  test("has its token replaced when the vault refuses it: one more, asked for by its age", async () => {
    const { vault } = world;
    const provider = signingIn(clientSecret());
    await provider.get();
    const before = vault.claims.length;
    vault.refuseTokens();
    expect(secretOf(await provider.get({ forceRefresh: true }))).toBe("t0ken");
    expect(vault.claims).toHaveLength(before + 1);
    expect(JSON.parse(vault.claims.at(-1) ?? "")).toMatchObject({
      access_token: { nbf: { essential: true, value: `${Date.UTC(2026, 0, 1) / 1_000}` } },
    });
  });

  test("with a wrong secret: denied, and nothing of it shown", async () => {
    const wrong = canary("wrong");
    const error = await signingIn(clientSecret(wrong.value))
      .get()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "sign-in-refused" });
    wrong.check(error);
    world.vault.check(error);
  });

  test("of another tenant than the vault's: denied", async () => {
    const other = clientSecret(app().secret, "tenant-2");
    expect(await failing(signingIn(other))).toMatchObject({
      code: "ERR_AUTH_DENIED",
      reason: "wrong-tenant",
    });
  });

  test("whose own server is away: unreachable", async () => {
    const away = new ClientSecretCredential(app().tenant, app().id, "s", {
      authorityHost: "https://localhost:1",
      disableInstanceDiscovery: true,
      retryOptions: { maxRetries: 0 },
    });
    const clock = fakeClock();
    const { url: vault } = world.vault;
    const provider = fromAzureKeyVault({ vault, secret: "acme", credential: away, clock });
    expect(await failing(overPauses(clock, provider.get()))).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "network",
    });
  });

  test("a chain of them that finds nobody: what it tried is named", async () => {
    vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");
    const error = await failing(signingIn(new DefaultAzureCredential()));
    expect(error).toMatchObject({
      code: "ERR_AUTH_UNAVAILABLE",
      reason: "no-identity",
      message: expect.stringContaining("(tried: Azure CLI)"),
    });
  });
});

describe("a credential by name", () => {
  test("managed-identity signs in where the platform offers it", async () => {
    vi.stubEnv("IDENTITY_ENDPOINT", `${world.vault.authority}/msi/token`);
    vi.stubEnv("IDENTITY_HEADER", "header");
    expect(secretOf(await signingIn("managed-identity").get())).toBe("t0ken");
  });

  test("cli signs in as whoever is logged in, and gets a new token by asking again", async () => {
    const { vault } = world;
    const token = async () => (await vault.credential().getToken(""))?.token;
    const log = async (): Promise<void> => {
      const answer = JSON.stringify({ accessToken: await token(), expires_on: 4_102_444_800 });
      writeFileSync(join(home, "az"), `#!/bin/sh\necho '${answer}'\n`);
      chmodSync(join(home, "az"), 0o755);
    };
    await log();
    const provider = signingIn("cli");
    await provider.get();
    vault.refuseTokens();
    await log();
    expect(secretOf(await provider.get({ forceRefresh: true }))).toBe("t0ken");
  });

  test("cli, and nobody is logged in: a login is needed", async () => {
    writeFileSync(
      join(home, "az"),
      `#!/bin/sh\necho "ERROR: Please run 'az login' to setup account." >&2\nexit 1\n`,
    );
    chmodSync(join(home, "az"), 0o755);
    expect(await failing(signingIn("cli"))).toMatchObject({
      code: "ERR_AUTH_INTERACTION_REQUIRED",
      reason: "login-needed",
      message: expect.stringContaining("az login"),
    });
  });

  test.each(["cli", "environment"] as const)(
    "%s, and there is none: unavailable, a chain goes on",
    async (name) => {
      expect(await failing(signingIn(name))).toMatchObject({
        code: "ERR_AUTH_UNAVAILABLE",
        reason: "no-identity",
      });
    },
  );

  test("default looks for one", async () => {
    vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "dev");
    expect(await failing(signingIn("default"))).toMatchObject({ reason: "no-identity" });
  });

  test("workload-identity without its settings is none", async () => {
    expect(await failing(signingIn("workload-identity"))).toMatchObject({ reason: "no-identity" });
  });

  test("is made for the identity that is named, and for the vault's cloud", async () => {
    const child = fileURLToPath(new URL("children/identity-settings.ts", import.meta.url));
    const args = ["--conditions=src", "--no-warnings", child];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
    expect(JSON.parse(stdout)).toEqual([
      ["DefaultAzure", { tenantId: "t", managedIdentityClientId: "c", workloadIdentityClientId: "c" }],
      ["AzureCli", { tenantId: "t" }],
      ["ManagedIdentity", { clientId: "c" }],
      ["WorkloadIdentity", { tenantId: "t", clientId: "c" }],
      ["Environment", { tenantId: "t" }],
      ["DefaultAzure", {}],
      ["AzureCli", { authorityHost: "https://login.microsoftonline.us" }],
      ["AzureCli", { authorityHost: "https://login.chinacloudapi.cn" }],
      ["AzureCli", {}],
    ]);
  });

  test("without @azure/identity: unavailable, with what to install; a credential of one's own needs none of it", async () => {
    const child = fileURLToPath(new URL("children/without-identity.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--conditions=src",
      "--no-warnings",
      child,
    ]);
    const [named, own, installed] = JSON.parse(stdout) as { code: string; reason: string; message: string }[];
    expect(named).toMatchObject({ code: "ERR_AUTH_UNAVAILABLE", reason: "missing-package" });
    expect(named?.message).toContain("npm install @azure/identity");
    expect(own).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "network" }); // it got as far as the vault
    expect(installed).toMatchObject({ code: "ERR_AUTH_UNREACHABLE" }); // a failure to load is not kept
  });
});
