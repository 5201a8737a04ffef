import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { boundaryProblems } from "../check-boundaries.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "boundaries-"));
  add("packages/core", {}, { "src/index.ts": "export {};" });
  add("packages/testkit", { dependencies: ours("core") }, { "src/index.ts": 'import "@auth/core";' });
  add("packages/sources/env", { dependencies: ours("core") }, { "src/index.ts": 'import "@auth/core";' });
});
afterEach(() => rmSync(root, { recursive: true }));

const ours = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`@auth/${name}`, "workspace:^"]));

function add(folder: string, manifest: object, files: Record<string, string>): void {
  const name = `@auth/${folder.split("/").at(-1)}`;
  const all = { "package.json": JSON.stringify({ name, ...manifest }), ...files };
  for (const [path, text] of Object.entries(all)) {
    const file = join(root, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

test("a workspace in order has no problems", () => {
  add(
    "packages/services/yaku",
    { dependencies: ours("core", "env") },
    {
      "src/index.ts":
        'export * from "@auth/core"; export * from "@auth/env"; import "./other.ts"; import "node:fs";',
      "src/other.ts": "export {};",
    },
  );
  add(
    "packages/sources/env",
    { dependencies: ours("core"), devDependencies: ours("testkit") },
    {
      "test/a.test.ts":
        'import "@auth/testkit"; import "@auth/env"; import "../src/index.ts"; import "vitest";',
    },
  );
  expect(boundaryProblems(root)).toEqual([]);
});

test("SEC-131 core has no dependencies", () => {
  add("packages/core", { dependencies: { zod: "1.0.0" } }, { "src/index.ts": 'import "zod";' });
  expect(boundaryProblems(root)).toEqual(["packages/core depends on zod: core has no dependencies"]);
});

test("core imports nothing of Node, with or without the prefix", () => {
  add(
    "packages/core",
    {},
    { "src/index.ts": 'import "node:fs"; await import("crypto");', "test/a.test.ts": 'import "node:fs";' },
  );
  expect(boundaryProblems(root)).toEqual([
    "packages/core/src/index.ts imports node:fs: core runs where there is no Node",
    "packages/core/src/index.ts imports crypto: core runs where there is no Node",
  ]);
});

test.each([
  ["a package on its own level", "sources/file", "env"],
  ["a package on a level above", "grants/oauth", "cli"],
  ["testkit, outside of tests", "sources/file", "testkit"],
])("no package imports %s", (_, folder, target) => {
  add("packages/cli", {}, {});
  add(
    `packages/${folder}`,
    { dependencies: ours(target) },
    { "src/index.ts": `export * from "@auth/${target}/sub";` },
  );
  expect(boundaryProblems(root)).toEqual([
    `packages/${folder}/src/index.ts imports @auth/${target}/sub: imports do not flow that way`,
    `packages/${folder} depends on @auth/${target}: imports do not flow that way`,
  ]);
});

test("nor does a test", () => {
  add("packages/sources/file", { devDependencies: ours("env") }, { "test/a.test.ts": 'import "@auth/env";' });
  expect(boundaryProblems(root)).toHaveLength(2);
});

test("testkit knows core alone", () => {
  add(
    "packages/testkit",
    { dependencies: ours("core", "env") },
    { "src/index.ts": 'import "@auth/core"; import "@auth/env";' },
  );
  expect(boundaryProblems(root)).toHaveLength(2);
});

test("dependencies are what the sources import, types and lazy imports included", () => {
  const text =
    'type A = import("one").A; await import("two/x"); import type { B } from "@three/x/y"; export {};';
  add("packages/sources/env", { dependencies: { unused: "1.0.0" } }, { "src/index.ts": text });
  const file = "packages/sources/env/src/index.ts";
  expect(boundaryProblems(root)).toEqual([
    `${file} imports one: it is not in dependencies`,
    `${file} imports two/x: it is not in dependencies`,
    `${file} imports @three/x/y: it is not in dependencies`,
    "packages/sources/env depends on unused: no source file imports it",
  ]);
});

test("SEC-112 a package imports what its source names; only the command loads what its user names", () => {
  const computed = { "src/index.ts": "export const load = (name: string) => import(name);" };
  add("packages/sources/env", {}, computed);
  add("packages/cli", {}, computed);
  expect(boundaryProblems(root)).toEqual([
    "packages/sources/env/src/index.ts imports a computed name: only the command loads what its user names",
  ]);
});

test("relative imports stay in the package, and the sources in src", () => {
  add(
    "packages/sources/env",
    { dependencies: ours("core") },
    {
      "src/index.ts": 'import "@auth/core"; import "../test/a.ts"; import "../../../core/src/index.ts";',
    },
  );
  expect(boundaryProblems(root)).toEqual([
    "packages/sources/env/src/index.ts imports ../test/a.ts: that is not published",
    "packages/sources/env/src/index.ts imports ../../../core/src/index.ts: that is outside the package",
  ]);
});

test("packages of the workspace are asked for by caret, so that a program holds one copy of core", () => {
  add("packages/sources/env", { dependencies: { "@auth/core": "^100.0.0" } }, {});
  expect(boundaryProblems(root)).toEqual([
    'packages/sources/env depends on @auth/core: ask for "workspace:^", not "^100.0.0"',
  ]);
});
