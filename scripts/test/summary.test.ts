import { expect, test } from "vitest";
import { summary } from "../summary.ts";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const report = (
  numPassedTests: number,
  numFailedTests: number,
  ...testResults: ReturnType<typeof file>[]
) => ({
  numPassedTests,
  numFailedTests,
  testResults,
});

test("all is well", () => {
  expect(summary(report(2, 0, file("passed", "passed", "passed")), false)).toEqual({ passed: 2, failed: 0 });
});

test("failed tests are counted once, though the command fails with them", () => {
  expect(summary(report(1, 1, file("failed", "passed", "failed")), true)).toEqual({ passed: 1, failed: 1 });
});

test("a file that cannot be loaded is a failure", () => {
  expect(summary(report(1, 0, file("failed"), file("passed", "passed")), true)).toEqual({
    passed: 1,
    failed: 1,
  });
});

test("a failed check is a failure, even if every test passed", () => {
  expect(summary(report(1, 0, file("passed", "passed")), true)).toEqual({ passed: 1, failed: 1 });
});

test.each([undefined, report(0, 0)])("nothing tested is a failure", (nothing) => {
  expect(summary(nothing, false)).toEqual({ passed: 0, failed: 1 });
});
