// node scripts/summary.ts <vitest's JSON report> <0, or 1 if a command failed>: "N passed, N failed" as the last line.
import { readFileSync } from "node:fs";

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

export interface Summary {
  passed: number;
  failed: number;
}

/** A file that failed as a whole holds no failed test, and a command may fail with every test passed: both count as one. */
export function summary(report: Report | undefined, commandFailed: boolean): Summary {
  const passed = report?.numPassedTests ?? 0;
  const broken = report?.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = (report?.numFailedTests ?? 0) + (broken ?? 0);
  return { passed, failed: failed === 0 && (commandFailed || passed === 0) ? 1 : failed };
}

function read(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const [path = "", commandFailed] = process.argv.slice(2);
  const { passed, failed } = summary(read(path), commandFailed !== "0");
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
