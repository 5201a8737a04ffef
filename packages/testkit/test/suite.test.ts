import type * as nodeTest from "node:test";
import { expect, test } from "vitest";
import { racer, type TestFramework, testStore } from "../src/index.ts";
import { outcomes } from "./collect.ts";

// The compiler checks it: what another framework offers fits as it is. (vitest's fits by its use in these tests.)
export const fits: (framework: Pick<typeof nodeTest, "describe" | "test">) => TestFramework = (framework) =>
  framework;

test("the cases are registered under one title, one by one, before any of them runs", async () => {
  const titles: string[] = [];
  const body = Object.assign((title: string) => titles.push(title), { skip: () => expect.unreachable() });
  testStore({
    describe: (title, register) => {
      titles.push(`# ${title}`);
      register();
    },
    test: body,
    name: "a store",
    create: () => expect.unreachable(),
  });
  expect(titles[0]).toBe("# a store");
  expect(titles.length).toBeGreaterThan(20);
  expect(new Set(titles).size).toBe(titles.length);
});

test("one id may stand for several cases", async () => {
  const results = await outcomes((framework) =>
    testStore({ ...framework, name: "x", create: () => expect.unreachable(), skip: { text: "no texts" } }),
  );
  expect(results.filter((each) => each.skipped).length).toBeGreaterThan(5);
});

test("a racer without a race says so", () => {
  expect(() => racer()).toThrow(/raceProcesses/);
});
