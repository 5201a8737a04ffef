import { expect } from "vitest";
import type { TestFramework } from "../src/index.ts";

export interface Outcome {
  readonly title: string;
  readonly skipped: boolean;
  readonly error?: unknown;
}

/** Runs a suite with a framework that only collects, and tells what became of each case. */
export async function outcomes(register: (framework: TestFramework) => void): Promise<Outcome[]> {
  const cases: { title: string; body?: () => Promise<void> }[] = [];
  const test = Object.assign((title: string, body: () => Promise<void>) => cases.push({ title, body }), {
    skip: (title: string) => cases.push({ title }),
  });
  register({ describe: (_, body) => body(), test });
  const results: Outcome[] = [];
  for (const { title, body } of cases) {
    try {
      await body?.();
      results.push({ title, skipped: !body });
    } catch (error) {
      results.push({ title, skipped: false, error });
    }
  }
  return results;
}

/** The titles of the cases that fail. */
export async function failures(register: (framework: TestFramework) => void): Promise<string[]> {
  return (await outcomes(register)).filter((each) => "error" in each).map((each) => each.title);
}

/** Each pattern has failed cases, and no other case failed. */
export function expectFailures(failed: readonly string[], patterns: readonly RegExp[]): void {
  for (const pattern of patterns)
    expect(failed, `expected ${pattern} to fail`).toContainEqual(expect.stringMatching(pattern));
  const others = failed.filter((title) => !patterns.some((pattern) => pattern.test(title)));
  expect(others, "and nothing else").toEqual([]);
}
