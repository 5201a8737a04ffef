import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { smoke } from "../../test-apps/runtimes/smoke.ts";
import { holdsBait } from "../e2e/bait.ts";
import { everyFile } from "../e2e/every-file.ts";
import { flaws } from "../e2e/install.ts";
import { versionsFor } from "../e2e/nodes.ts";
import { importEverything, usableEntries } from "../e2e/program.ts";
import { nodeOf, programsIn } from "../e2e/readmes.ts";
import { startRegistry, withoutNpm } from "../e2e/registry.ts";
import { strangers } from "../e2e/strangers.ts";
import { gettingThem } from "../e2e/ways.ts";
import { type Manifest, type Package, packages, root } from "../packages.ts";
import { run } from "../run.ts";

let folder: string;
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "e2e-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("what every runtime is tried with holds here, from the sources", async () => {
  expect((await smoke()).length).toBeGreaterThanOrEqual(8);
});

test("our scope is served from what was published here, and from nowhere else", async () => {
  await using registry = await startRegistry(folder, "@types"); // full of packages elsewhere
  const npm = (...args: string[]): Promise<string> =>
    run("npm", args, { cwd: join(folder, "pkg"), env: { ...registry.env, HOME: folder } });
  write("pkg/package.json", JSON.stringify({ name: "@types/ours", version: "1.2.3" }));
  await expect(npm("view", "@types/ours", "version")).rejects.toThrow("E404");
  await npm("publish", "--access", "public");
  expect((await npm("view", "@types/ours", "version")).trim()).toBe("1.2.3");
  await expect(npm("view", "@types/node", "version")).rejects.toThrow("E404");
}, 30_000);

test("a child is told nothing of the registry that started us", () => {
  expect(withoutNpm({ PATH: "/bin", npm_config_registry: "x", NPM_TOKEN: "x", PNPM_HOME: "x" })).toEqual({
    PATH: "/bin",
  });
});

test("SEC-133 what a package holds and should not, or lacks, is seen", () => {
  const at = "node_modules/p/";
  const manifest = {
    exports: {
      ".": { types: "./dist/a.d.mts", default: "./dist/a.mjs" },
      "./package.json": "./package.json",
    },
  };
  write(`${at}package.json`, JSON.stringify(manifest));
  for (const file of ["README.md", "LICENSE", "dist/a.mjs", "dist/a.d.mts"]) write(at + file, "");
  expect(flaws(folder, "p")).toEqual([]);
  for (const file of ["src/a.ts", "dist/a.mjs.map", ".env"]) write(at + file, "");
  rmSync(join(folder, at, "LICENSE"));
  rmSync(join(folder, at, "dist/a.d.mts"));
  expect(flaws(folder, "p").toSorted()).toEqual([
    "p exports ./dist/a.d.mts, which is not there",
    "p holds .env",
    "p holds dist/a.mjs.map",
    "p holds src/a.ts",
    "p lacks LICENSE",
  ]);
});

test("a vendor's packages come with the source of that vendor, and with no other", () => {
  const installed = [
    "@aws-sdk/core",
    "@smithy/types",
    "@azure/core-auth",
    "@napi-rs/keyring-linux-x64-gnu",
    "jose",
  ];
  expect(strangers("packages/sources/aws-secrets-manager", installed)).toEqual(installed.slice(2, 4));
  expect(strangers("packages/sources/keychain", installed)).toEqual(installed.slice(0, 3));
  expect(strangers("packages/services/jamf-pro", installed)).toEqual(installed.slice(0, 4));
});

test("an entry that needs an optional peer is left out where there is none", () => {
  const at = "node_modules/@auth/p";
  const [main, more] = ["index", "more"].map((name) => ({ default: `./dist/${name}.mjs` }));
  const manifest = {
    name: "@auth/p",
    version: "1.0.0",
    exports: { ".": main, "./more": more, "./package.json": "./package.json" },
    peerDependenciesMeta: { "@auth/peer": { optional: true } },
  } as unknown as Manifest;
  write(`${at}/dist/index.mjs`, 'export const late = () => import("@auth/peer");');
  write(`${at}/dist/more.mjs`, 'export * from "./shared.mjs";');
  write(`${at}/dist/shared.mjs`, 'import "./more.mjs"; export { a } from "@auth/peer/sub";');
  const entries = (): string[] => usableEntries(folder, { folder: "p", manifest });
  expect(entries()).toEqual(["@auth/p"]);
  write("node_modules/@auth/peer/package.json", "{}");
  expect(entries()).toEqual(["@auth/p", "@auth/p/more"]);
});

test("a package is tried on the oldest Node it names, on ours, and on the newest", () => {
  const [oldest, ours, newest] = versionsFor(">=22.13");
  expect(oldest).toBe("22.13.0");
  expect(ours).toBe(process.versions.node);
  expect(Number(newest?.split(".")[0])).toBeGreaterThanOrEqual(26);
});

test("an entry that exports nothing fails, one that exports something passes", async () => {
  write("something.js", "export const a = 1;");
  write("nothing.js", "export {};");
  write("package.json", '{"type":"module"}');
  const importing = async (file: string): Promise<string> => {
    write("everything.ts", importEverything([file]));
    return run(process.execPath, ["--no-warnings", "everything.ts"], { cwd: folder });
  };
  await expect(importing("./something.js")).resolves.toBe("");
  await expect(importing("./nothing.js")).rejects.toThrow("./nothing.js exports nothing");
});

test("the programs of a page are its TypeScript blocks", () => {
  expect(programsIn("# a\n\n```ts\none();\n```\n\n```sh\ntwo\n```\n\n```ts\nthree();\n```\n")).toEqual([
    "one();",
    "three();",
  ]);
});

test('SEC-137 the commands of "Getting them" are its shell blocks, and no others', () => {
  const block = (text: string): string => `\`\`\`sh\n${text}\n\`\`\`\n\n`;
  const page = `# a\n\n${block("no")}## Getting them\n\n${block("pack")}${block("npm install")}## More\n\n${block("no")}`;
  expect(gettingThem(page)).toEqual(["pack", "npm install"]);
  const [, ...installs] = gettingThem(readFileSync(join(root, "README.md"), "utf8"));
  expect(installs).toEqual(["npm", "pnpm", "yarn", "bun"].map((name) => `${name} install`));
});

test.each([
  ["package-lock.json", '"node_modules/@a/bait": {'],
  ["pnpm-lock.yaml", "      '@a/bait': 1.0.0"],
  ["yarn.lock", '"@a/bait@1.0.0":'],
  ["bun.lock", '"@a/bait": ["@a/bait@1.0.0"'],
  ["node_modules/.pnpm/x/node_modules/@a/bait/package.json", "{}"],
])("SEC-137 the foreign package is seen in %s", (file, text) => {
  write("package-lock.json", "{}");
  expect(holdsBait(folder)).toBe(false);
  write(file, text);
  expect(holdsBait(folder)).toBe(true);
});

test("SEC-137 a file that cannot be parsed or loaded is seen, and a command is run", async () => {
  const at = "node_modules/@a/p";
  const manifest = {
    name: "@a/p",
    version: "1.0.0",
    exports: {},
    bin: { p: "dist/bin.mjs" },
  } satisfies Manifest;
  write(`${at}/dist/good.mjs`, "export const a = 1; setInterval(() => {}, 1e6);");
  write(`${at}/dist/bin.mjs`, "if (process.argv[2] !== '--version') throw new Error('imported');");
  const check = (): ReturnType<typeof everyFile> => everyFile(folder, [{ folder: "p", manifest }]);
  expect(await check()).toEqual({ report: "2 files of 1 packages load", problems: [] });
  write(`${at}/dist/part-1.mjs`, "export { schema };");
  write(`${at}/dist/part-2.mjs`, "import './part-1.mjs';");
  write(`${at}/dist/part-3.mjs`, "import './gone.mjs';");
  const { problems } = await check();
  expect(problems.map((problem) => problem.split(":")[0] as string).toSorted()).toEqual(
    [1, 2, 3].map((part) => `${at}/dist/part-${part}.mjs does not load`),
  );
}, 30_000);

test("examples run in the folder of the app, with what is installed there, and with nothing from here", async () => {
  const core = packages().find((pkg) => pkg.folder === "packages/core") as Package;
  const { name } = core.manifest;
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: "module", exports: "./index.js" }));
  write(`node_modules/${name}/index.js`, "export const from = 'the app';");
  const node = nodeOf(folder, packages());
  const source = pathToFileURL(join(root, core.folder, "src/index.ts")).href;
  const printing = (specifier: string): Promise<string> =>
    run(node, ["--input-type=module", "--eval", `console.log((await import("${specifier}")).from)`]);
  expect(await printing(name)).toBe("the app\n");
  expect(await printing(source)).toBe("the app\n");
  await expect(printing(source.replace("index.ts", "secret.ts"))).rejects.toThrow(
    "is not what was installed",
  );
}, 30_000);
