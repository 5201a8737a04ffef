import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "./packages.ts";
import { run } from "./run.ts";

export interface Test {
  title: string;
  file: string;
}

interface Report {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** All tests there are, or those that passed if there is a report of a run. */
export async function collectTests(): Promise<Test[]> {
  const report = process.env["AUTH_TEST_REPORT"];
  if (report) {
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
    return testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === "passed")
        .map(({ fullName }) => ({ title: fullName, file: relative(root, name) })),
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "sec-"));
  try {
    const list = join(folder, "list.json");
    const args = ["list", "--no-staticParse", `--json=${list}`];
    await run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
      timeoutMs: 600_000,
    });
    const found = JSON.parse(readFileSync(list, "utf8")) as { name: string; file: string }[];
    return found.map(({ name, file }) => ({ title: name, file: relative(root, file) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
