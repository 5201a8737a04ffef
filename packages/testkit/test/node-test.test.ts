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
  // Cases are indented. Whether the runner counts the file as one more failure depends on which end it hears of first.
  const cases = [...stdout.matchAll(/^ {4}(not ok|ok) \d+ - (.{9}).*?(# SKIP)?$/gm)];
  expect(cases.flatMap(([, verdict, title]) => (verdict === "ok" ? [] : [title]))).toEqual([
    "explain()",
    "SEC-135 n",
  ]);
  expect(cases).toHaveLength(22);
  expect(cases.filter(([, , , skip]) => skip)).toHaveLength(5);
});
