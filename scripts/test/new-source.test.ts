import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boundaryProblems } from "../check-boundaries.ts";
import { fillIn } from "../e2e/standalone-source.ts";
import { newSource, newStandaloneSource } from "../new-source.ts";
import { type Manifest, root } from "../packages.ts";
import { scopeOf } from "../rescope.ts";
import { CommandFailed, run } from "../run.ts";

let copy: string;
let folder: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "new-source-"));
  for (const file of ["package.json", "vitest.shared.ts", "tsconfig.base.json", "tsdown.base.ts"])
    copyFileSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  folder = join(copy, newSource("corporate-vault", copy));
  const scope = scopeOf(root);
  mkdirSync(join(folder, "node_modules", scope), { recursive: true });
  for (const name of ["core", "testkit"])
    symlinkSync(join(root, "packages", name), join(folder, "node_modules", scope, name), "junction");
  symlinkSync(folder, join(folder, "node_modules", scope, "corporate-vault"), "junction");
});
afterAll(() => rmSync(copy, { recursive: true }));

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
}

async function tests(): Promise<Report> {
  const report = join(copy, "report.json");
  const args = ["run", "--root", folder, "--reporter=json", `--outputFile=${report}`];
  await run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args]).catch(
    (error: unknown) => {
      if (!(error instanceof CommandFailed && existsSync(report))) throw error;
    },
  );
  return JSON.parse(readFileSync(report, "utf8")) as Report;
}

test("a new source fails its tests, and says where to write what is missing", async () => {
  const { numPassedTests, numFailedTests, testResults } = await tests();
  expect(numFailedTests).toBeGreaterThan(10);
  expect(numPassedTests).toBeGreaterThan(0);
  const messages = testResults
    .flatMap((file) => file.assertionResults)
    .flatMap((each) => each.failureMessages);
  expect(messages.join("\n")).toContain("Write `ask` in src/read-corporate-vault.ts");
}, 60_000);

test("it is in order from the start: types, lint, imports", async () => {
  const bin = (name: string): string => join(root, "node_modules/.bin", name);
  await run(bin("tsc"), ["-p", "tsconfig.src.json"], { cwd: folder });
  await run(bin("tsc"), ["-p", "tsconfig.json"], { cwd: folder });
  await run(bin("biome"), ["check", "--write", "--config-path", root, "--vcs-enabled=false", folder]);
  expect(boundaryProblems(copy)).toEqual([]);
}, 60_000);

test("with three lines more it passes", async () => {
  fillIn(folder, "corporate-vault");
  const { numPassedTests, numFailedTests } = await tests();
  expect({ numFailedTests }).toEqual({ numFailedTests: 0 });
  expect(numPassedTests).toBeGreaterThan(20);
}, 60_000);

describe("a package of its own", () => {
  let alone: string;
  beforeAll(() => {
    alone = join(copy, "elsewhere/auth-source-corporate-vault");
    newStandaloneSource("corporate-vault", alone, { [`${scopeOf(root)}/core`]: "file:vendor/core.tgz" });
    const modules = join(alone, "node_modules");
    mkdirSync(join(modules, scopeOf(root)), { recursive: true });
    for (const each of ["core", "testkit"])
      symlinkSync(join(root, "packages", each), join(modules, scopeOf(root), each), "junction");
    symlinkSync(join(root, "node_modules/@types"), join(modules, "@types"), "junction");
  });

  /** Its own script; the sources of core and testkit stand in for the packed ones, which pnpm e2e takes. */
  async function ownTests(): Promise<{ ok: boolean; output: string }> {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    try {
      const args = ["--conditions=src", "--test", "--test-reporter=tap", "test/*.test.ts"];
      const options = { cwd: alone, env: { ...env, NODE_OPTIONS: "--conditions=src" } };
      return { ok: true, output: await run(process.execPath, args, options) };
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      return { ok: false, output: error.output };
    }
  }

  test("nothing in it speaks of this repository", () => {
    const files = globSync(["**/*.{ts,json,md,yaml}"], { cwd: alone, exclude: ["node_modules/**"] });
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const text = readFileSync(join(alone, file), "utf8");
      for (const ours of ["workspace:", "catalog:", "../../..", "vitest", "tsdown", "@auth/corporate-vault"])
        expect(text.includes(ours), `${file} says ${ours}`).toBe(false);
    }
    const manifest = JSON.parse(readFileSync(join(alone, "package.json"), "utf8")) as Manifest;
    expect(manifest.name).toBe("auth-source-corporate-vault");
    expect(manifest.peerDependencies?.[`${scopeOf(root)}/core`]).toMatch(/^\^\d+\.\d+\.\d+$/);
  });

  test("it fails its tests in words, and passes them, types too, with three lines more", async () => {
    const before = await ownTests();
    expect(before.ok).toBe(false);
    expect(before.output).toContain("Write `ask` in src/read-corporate-vault.ts");
    expect(before.output).toMatch(/^# pass [1-9]/m);
    fillIn(alone, "corporate-vault");
    const after = await ownTests();
    expect(after.output).toMatch(/^# fail 0$/m);
    expect(after.output).toMatch(/^# pass (?:2\d|3\d)$/m);
    expect(after.ok).toBe(true);
    const tsc = join(root, "node_modules/.bin/tsc");
    await run(tsc, ["--customConditions", "src"], { cwd: alone });
  }, 60_000);

  test("a folder that is in use, or in this repository, is refused", () => {
    expect(() => newStandaloneSource("vault", alone, {})).toThrow("not empty");
    expect(() => newStandaloneSource("vault", join(root, "vault"), {})).toThrow("in this repository");
    expect(existsSync(join(root, "vault"))).toBe(false);
  });
});

test.each([[], ["Vault"], ["a", "b"], ["vault", "--name=x"], ["vault", "--to", "."]])(
  "the command answers %j in words, without a stack, and writes nothing",
  async (...args) => {
    const failed = await run(process.execPath, ["scripts/new-source.ts", ...args.flat()]).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(CommandFailed);
    expect((failed as CommandFailed).message).toContain("ended with 2");
    expect((failed as CommandFailed).output.trim()).toMatch(/^[^\n]+$/);
  },
);

test("a name that cannot be one, or is taken, is refused", () => {
  for (const name of ["", "Vault", "../vault", "vault-", "-vault"])
    expect(() => newSource(name, copy)).toThrow(TypeError);
  expect(() => newSource("corporate-vault", copy)).toThrow("is there already");
});
