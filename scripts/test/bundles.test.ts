import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "rolldown";
import { afterEach, beforeEach, expect, test } from "vitest";
import { plainIn } from "../e2e/bundles.ts";
import { bundleForEdge } from "../e2e/bundles-edge.ts";
import { claimOf } from "../e2e/claims.ts";
import { root } from "../packages.ts";
import { run } from "../run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bundles-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = (path: string): string => join(root, "packages", path);
const conditionNames = ["src", "import"];

test.each(["browser", "neutral"] as const)(
  "@auth/env needs no module of Node's to be bundled: platform %s",
  async (platform) => {
    const file = join(folder, "env.js");
    expect(await bundleForEdge(source("sources/env/src/index.ts"), file, platform, conditionNames)).toEqual(
      [],
    );
    const needy = join(folder, "needy.ts");
    writeFileSync(needy, 'import { readFileSync } from "node:fs";\nconsole.log(readFileSync);\n');
    expect(await bundleForEdge(needy, file, platform)).toEqual(["node:fs"]);
  },
);

/** One file of an app that asks the keychain and, in a chain, something else. */
async function bundled(format: "esm" | "cjs", place: string | undefined): Promise<string> {
  const app = join(folder, "app.ts");
  writeFileSync(
    app,
    `import { chain, fixed, Secret } from "${source("core/src/index.ts")}";
import { fromKeychain } from "${source("sources/keychain/src/index.ts")}";
const keychain = fromKeychain({ service: "acme", account: "alice" });
const next = fixed({ type: "access-token", token: new Secret("t") });
keychain.get().catch(({ code, reason }) => console.log(code, reason))
  .then(() => chain(keychain, next).get()).then(({ type }) => console.log(type), ({ code }) => console.log(code));
`,
  );
  const file = join(folder, format === "esm" ? "app.mjs" : "app.cjs");
  const transform = place === undefined ? {} : { define: { "import.meta.url": place } };
  await build({
    input: app,
    platform: "node",
    logLevel: "silent",
    resolve: { conditionNames },
    transform,
    output: { file, format, codeSplitting: false },
  });
  return run(process.execPath, [file], { cwd: folder });
}

test.each([
  ["an ES module", "esm", undefined],
  ["CommonJS that knows its place", "cjs", undefined],
  ["CommonJS that does not", "cjs", "undefined"],
] as const)("in one file, %s, a keychain is unavailable, and a chain goes on", async (_, format, place) => {
  expect(await bundled(format, place)).toBe("ERR_AUTH_UNAVAILABLE no-backend\naccess-token\n");
});

test("a README claims in one sentence", () => {
  expect(claimOf("# p\n\nRuns on Node 22.13 or later.\n")).toEqual({
    node: "22.13",
    bun: false,
    deno: false,
    workers: false,
  });
  expect(claimOf("Runs on Node 22.13 or later, Bun and Deno.")).toMatchObject({ bun: true, deno: true });
  expect(claimOf("Runs on Node 22.13 or later, Bun, Deno and workers.")).toMatchObject({ workers: true });
  expect(claimOf("Runs on Node 22.13 or later, and toasters.")).toBeUndefined();
  expect(claimOf("Runs everywhere.")).toBeUndefined();
});

test("a secret in plain text is found, wherever it lies", () => {
  mkdirSync(join(folder, "a/b"), { recursive: true });
  writeFileSync(join(folder, "a/b/c"), Buffer.from([0xff, ...Buffer.from("canary-1"), 0xfe]));
  writeFileSync(join(folder, "a/d"), "nothing");
  expect(plainIn(folder, ["canary-0", "canary-1"])).toEqual([join(folder, "a/b/c")]);
  expect(plainIn(folder, ["canary-2"])).toEqual([]);
});
