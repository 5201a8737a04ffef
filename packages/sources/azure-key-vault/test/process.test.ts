import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { canary } from "@auth/testkit";
import { afterAll, expect, test } from "vitest";
import { theVault } from "./support/world.ts";

const world = theVault();
const home = mkdtempSync(join(tmpdir(), "auth-azure-"));
afterAll(() => rmSync(home, { recursive: true }));

/** Runs a program of its own, which trusts the vault's authority. Fails if it does not end by itself. */
async function run(child: URL, env: Record<string, string> = {}): Promise<string> {
  const ca = join(home, "ca.pem");
  writeFileSync(ca, world.vault.ca);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=src", "--no-warnings", fileURLToPath(child)],
    {
      env: { NODE_EXTRA_CA_CERTS: ca, HOME: home, VAULT: world.vault.url, ...env },
      timeout: 30_000,
      killSignal: "SIGKILL",
    },
  );
  return stdout;
}

test("SEC-66 the process ends by itself: disposed, not disposed, and in the middle of a failing read", async () => {
  const { vault } = world;
  const secret = canary("process");
  vault.add("acme", secret.value);
  const { tenant: AZURE_TENANT, id: AZURE_ID, secret: AZURE_KEY } = vault.app;
  const stdout = await run(new URL("children/short-program.ts", import.meta.url), {
    AZURE_TENANT,
    AZURE_ID,
    AZURE_KEY,
    AUTHORITY: vault.authority,
  });
  expect(JSON.parse(stdout)).toEqual({ type: "access-token", token: "[secret]", after: "access-token" });
  secret.check(stdout);
  vault.check(stdout);
});

test("SEC-131 SEC-136 nothing of Azure is loaded before the first read, and @azure/identity only where it is asked for", async () => {
  world.vault.add("acme", "t0ken");
  const { imported, made, read } = JSON.parse(
    await run(new URL("children/loaded-modules.ts", import.meta.url)),
  ) as Record<string, string[]>;
  expect(imported).toEqual([]);
  expect(made).toEqual([]);
  expect(read).toContain("@azure/keyvault-secrets");
  expect(read).not.toContain("@azure/identity");
});
