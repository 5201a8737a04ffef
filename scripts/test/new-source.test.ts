import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boundaryProblems } from "../check-boundaries.ts";
import { newSource } from "../new-source.ts";
import { root } from "../packages.ts";
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
  const file = join(folder, "src/read-corporate-vault.ts");
  const before = readFileSync(file, "utf8");
  const start = before.indexOf("async function ask");
  const end = before.indexOf("\n}\n", start);
  writeFileSync(
    file,
    `${before.slice(0, start)}async function ask(client: CorporateVaultClient, { secret, signal }: Place): Promise<{ text: string; version?: string | undefined }> {
  const { value, version } = await client.getSecret(secret, { signal });
  return { text: value, version };${before.slice(end)}`,
  );
  const { numPassedTests, numFailedTests } = await tests();
  expect({ numFailedTests }).toEqual({ numFailedTests: 0 });
  expect(numPassedTests).toBeGreaterThan(20);
}, 60_000);

test("a name that cannot be one, or is taken, is refused", () => {
  for (const name of ["", "Vault", "../vault", "vault-", "-vault"])
    expect(() => newSource(name, copy)).toThrow(TypeError);
  expect(() => newSource("corporate-vault", copy)).toThrow("is there already");
});
