import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { theVault } from "./support/world.ts";

const world = theVault();
const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)];
const home = mkdtempSync(join(tmpdir(), "auth-azure-"));
afterAll(() => rmSync(home, { recursive: true }));

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ['headers.get("authorization")', `Basic ${btoa("alice:correct horse")}`],
  ["(await password.get()).password.reveal(), (await apiKey.get()).key.reveal()", "hunter2 k3y"],
  ["(await login.get()).username, (await apiKey.get()).key.reveal()", "alice k3y"],
  ["provider.name", "azure-kv billing.vault.azure.net/acme-login"],
];

test.each(runs)("README example %$ runs as printed, but for the vault: %s", async (look, seen) => {
  const { vault } = world;
  vault.add("acme-login", '{"username":"alice","password":"correct horse"}');
  vault.add("acme-password", "hunter2");
  vault.add("acme-key", "k3y");
  const ca = join(home, "ca.pem");
  writeFileSync(ca, vault.ca);
  const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
  const there = code
    .replaceAll('vault: "billing"', `vault: "${vault.url}"`)
    .replaceAll("https://billing.vault.azure.net", vault.url);
  const localhost = new URL("support/localhost.ts", import.meta.url).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      `--import=data:text/javascript,import { resolveLocalhost } from "${localhost}"; resolveLocalhost();`,
      "--input-type=module-typescript",
      `--eval=${there}\nconsole.log(${look});`,
    ],
    {
      cwd: folder,
      env: {
        NODE_EXTRA_CA_CERTS: ca,
        IDENTITY_ENDPOINT: `${vault.authority}/msi/token`, // as Azure's platforms offer a managed identity
        IDENTITY_HEADER: "header",
      },
    },
  );
  expect(stdout).toBe(`${seen}\n`);
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});
