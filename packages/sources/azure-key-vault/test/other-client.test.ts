import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";
import { secretOf, theVault } from "./support/world.ts";

const world = theVault();
const parts = process.env["AUTH_PARTS"] ?? join(homedir(), ".cache", "auth-parts");
const env = { PATH: process.env["PATH"], PYTHONPATH: join(parts, "azure-python") };
const there = spawnSync("python3", ["-c", "import azure.keyvault.secrets"], { env }).status === 0;
/** With AUTH_IT=require the test fails where its part is missing, instead of being skipped. */
const runs = there || process.env["AUTH_IT"] === "require";
if (!runs)
  console.warn("SKIPPED: Microsoft's client for Python is not here; run scripts/parts/azure-python.sh");

test.runIf(runs)(
  "our double is a Key Vault to Microsoft's client for Python as well, which writes what we read",
  async () => {
    const { vault } = world;
    const home = mkdtempSync(join(tmpdir(), "auth-azure-"));
    const ca = join(home, "ca.pem");
    writeFileSync(ca, vault.ca);
    const about = { contentType: "text/plain", attributes: { exp: 4_102_444_800 } };
    const { id } = vault.add("from-javascript", "ð", about);
    const token = await vault.credential().getToken("");
    const { stdout } = await promisify(execFile)(
      "python3",
      [fileURLToPath(new URL("children/other_client.py", import.meta.url))],
      { env: { ...env, REQUESTS_CA_BUNDLE: ca, VAULT: vault.url, VAULT_TOKEN: token?.token } },
    ).finally(() => rmSync(home, { recursive: true }));
    const seen = JSON.parse(stdout) as { written: string };
    expect(seen).toEqual({
      scopes: [`https://vault.localhost:${vault.port}/.default`],
      read: ["ð", id, "text/plain", "2100-01-01 00:00:00+00:00"],
      written: expect.stringMatching(/^[0-9a-f]{32}$/),
      missing: ["ResourceNotFoundError", 404, "SecretNotFound", null],
      disabled: ["HttpResponseError", 403, "Forbidden", "SecretDisabled"],
    });
    const at = { vault: vault.url, secret: "from-python", credential: vault.credential() };
    const found = await fromAzureKeyVault(at).get();
    expect(secretOf(found)).toBe("þ");
    expect(found).toMatchObject({ version: seen.written, expiresAt: new Date(Date.UTC(2100, 0, 1)) });
  },
);
