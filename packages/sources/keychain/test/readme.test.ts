import { execFile } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeReal, keyrings, put } from "./support/world.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)];

/** What an app has installed beside this package, and this package does not know. */
const beside = `import { registerHooks } from "node:module";
  const url = ${JSON.stringify(new URL("../../../stores/token-file/src/index.ts", import.meta.url).href)};
  registerHooks({ resolve: (name, context, next) => next(name === "@auth/token-file" ? url : name, context) });`;

/** What the README calls yours. */
const yours = `
  const { AccessToken, fixed, Secret } = await import("@auth/core");
  globalThis.credentials = fixed({ type: "api-key", key: new Secret("long-lived") });
  globalThis.grant = {
    name: "example",
    accepts: ["api-key"],
    partition: () => "example",
    exchange: async () => ({ accessToken: new AccessToken("short-lived", { expiresAt: new Date("2100-01-01") }) }),
  };`;

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ["headers.get('authorization')", `Basic ${btoa("alice:correct horse")}`],
  ["token.reveal(), (await store.read('work')).value.includes('short-lived')", "short-lived true"],
  ["credential.username, credential.password.reveal()", "alice correct horse"],
];

describeReal("README", () => {
  const { enter } = keyrings();

  test.each(runs)("example %$ runs as printed: %s", async (look, seen) => {
    const keyring = await enter();
    put(keyring, "correct horse", { service: "https://billing.example", username: "alice" });
    const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
    const imports = (code.match(/^import .*\n/gm) ?? []).join("");
    const script = `${imports}{${yours}}\n${code.slice(imports.length)}\nconsole.log(${look});`;
    const hooks = `--import=data:text/javascript,${encodeURIComponent(beside)}`;
    const flags = ["--conditions=src", "--no-warnings", "--input-type=module-typescript"];
    const args = [...flags, hooks, `--eval=${script}`];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: keyring.env });
    expect(stdout).toBe(`${seen}\n`);
  });
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "the install size is what the README says",
  () => {
    const require = createRequire(import.meta.url);
    const main = dirname(realpathSync(require.resolve("@napi-rs/keyring")));
    const installed = readdirSync(join(main, "..")).map((name) => realpathSync(join(main, "..", name)));
    const files = installed.flatMap((path) => readdirSync(path).map((name) => join(path, name)));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const [, stated] = /([\d.]+) MB on Linux x64/.exec(page) ?? [];
    expect(stated).toBe((bytes / 1_000_000).toFixed(1));
  },
);
