import { readdirSync, readFileSync } from "node:fs";
import { runVectors, type VectorFile } from "@auth/testkit";
import { describe, expect, test } from "vitest";

const folder = new URL("../../../spec/vectors/", import.meta.url);
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as VectorFile);

let ran = 0;
const counting = Object.assign(
  (title: string, body: () => Promise<void>) =>
    test(title, async () => {
      ran++;
      await body();
    }),
  { skip: test.skip },
);

runVectors({ describe, test: counting, vectors });

test("at least 80 scenarios ran, and every decision", () => {
  const scenarios = vectors.flatMap((file) => file.scenarios ?? []).length;
  const decisions = vectors.flatMap((file) => file.decisions ?? []).length;
  expect(scenarios).toBeGreaterThanOrEqual(80);
  expect(ran).toBe(scenarios + decisions);
});
