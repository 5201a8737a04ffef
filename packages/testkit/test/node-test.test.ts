import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("under node --test cases that fail are counted and told, also beside one whose output is held back", async () => {
  const args = ["--conditions=src", "--no-warnings", "--test", "--test-reporter=tap"];
  const file = new URL("frameworks/two-fail.ts", import.meta.url).pathname;
  // What the outer runner says of itself would make the inner one another's child.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const failed: unknown = await promisify(execFile)(process.execPath, [...args, file], { env }).catch(
    (error: unknown) => error,
  );
  const { code, stdout = "" } = failed as { code?: number; stdout?: string };
  expect(code).toBe(1);
  const failures = [...stdout.matchAll(/^ +not ok \d+ - (.{9})/gm)].map(([, title]) => title);
  expect(failures).toEqual(["explain()", "SEC-135 n"]);
  const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)`, "m").exec(stdout)?.[1]);
  expect({ fail: count("fail"), skipped: count("skipped") }).toEqual({ fail: 2, skipped: 5 });
  expect(count("tests")).toBe(count("pass") + 7);
  expect(count("pass")).toBeGreaterThan(10);
});
