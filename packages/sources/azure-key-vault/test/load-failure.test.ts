import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";

const secret = canary("loaded");

/** A read in a program whose client of the vault cannot be loaded: in its place stands a module that does this, or nothing. */
async function readWith(module: string): Promise<Record<string, string>> {
  const place = `data:text/javascript,${encodeURIComponent(module)}`;
  const hooks = `import { registerHooks } from "node:module";
    registerHooks({ resolve: (name, context, next) =>
      name === "@azure/keyvault-secrets" ? ${module ? `{ url: ${JSON.stringify(place)}, shortCircuit: true }` : 'next("@azure/not-there", context)'} : next(name, context) });`;
  const program = `import { fromAzureKeyVault } from "./src/index.ts";
    const thrown = await fromAzureKeyVault({ vault: "acme", secret: "a", credential: { getToken: async () => null } }).get().catch((error) => error);
    console.log(JSON.stringify({ ...thrown, message: thrown.message }));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      `--import=data:text/javascript,${encodeURIComponent(hooks)}`,
      "--input-type=module-typescript",
      `--eval=${program}`,
    ],
    { cwd: new URL("..", import.meta.url), env: {} },
  );
  secret.check(stdout);
  return JSON.parse(stdout) as Record<string, string>;
}

test.each([
  ["esbuild", 'throw new Error(`Dynamic require of "node:crypto" is not supported`)', "node:crypto"],
  [
    "Rolldown",
    'throw new Error(`Calling \\`require\\` for "node:crypto" in an environment that doesn\'t expose the \\`require\\` function.`)',
    "node:crypto",
  ],
  ["nobody", "require('node:crypto')", "ReferenceError"],
])("an ES module bundle without require, made by %s, is named, with what to do", async (_, module, says) => {
  const failed = await readWith(module);
  expect(failed).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "package-broken" });
  expect(failed["message"]).toMatch(
    /^azure-kv acme.vault.azure.net\/a: @azure\/keyvault-secrets cannot be loaded \(/,
  );
  expect(failed["message"]).toContain(says);
  expect(failed["message"]).toMatch(/--external:@azure.*createRequire/);
});

test("a client that is not there is said to be missing, and a chain may go on", async () => {
  const failed = await readWith("");
  expect(failed).toMatchObject({ code: "ERR_AUTH_UNAVAILABLE", reason: "missing-package" });
  expect(failed["message"]).toContain("npm install @azure/keyvault-secrets");
});

test("SEC-4 a client that fails in words of its own is named by class and code, without them", async () => {
  const failed = await readWith(
    `throw Object.assign(new RangeError("${secret.value}"), { code: "ERR_DLOPEN_FAILED" })`,
  );
  expect(failed).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "package-broken" });
  expect(failed["message"]).toContain("cannot be loaded (RangeError: ERR_DLOPEN_FAILED)");
});
