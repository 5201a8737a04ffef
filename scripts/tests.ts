import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "./packages.ts";
import { run } from "./run.ts";

export interface Test {
  title: string;
  file: string;
}

export interface Report {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

/**
 * The tests that count in a report of a run: those that passed; and, unless all real parts were asked for (`AUTH_IT=require`),
 * those that were skipped, since a bare machine lacks the parts that they need, and not the tests.
 */
export function testsIn({ testResults }: Report, required: boolean): Test[] {
  const counts = required ? ["passed"] : ["passed", "skipped", "pending"];
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => counts.includes(status))
      .map(({ fullName }) => ({ title: fullName, file: relative(root, name) })),
  );
}

/** All tests there are below a folder, or those that count in the report of a run, if there is one. */
export async function collectTests(under = ""): Promise<Test[]> {
  const report = process.env["AUTH_TEST_REPORT"];
  if (report) {
    const tests = testsIn(
      JSON.parse(readFileSync(report, "utf8")) as Report,
      process.env["AUTH_IT"] === "require",
    );
    return tests.filter(({ file }) => file.replaceAll("\\", "/").startsWith(under));
  }
  const folder = mkdtempSync(join(tmpdir(), "sec-"));
  try {
    const list = join(folder, "list.json");
    const args = ["list", "--no-staticParse", `--json=${list}`, ...(under ? [join(root, under)] : [])];
    await run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
      // A test is there, whether or not what it runs against is installed.
      env: { ...process.env, AUTH_IT: "require" },
      timeoutMs: 600_000,
    });
    const found = JSON.parse(readFileSync(list, "utf8")) as { name: string; file: string }[];
    return found.map(({ name, file }) => ({ title: name, file: relative(root, file) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
