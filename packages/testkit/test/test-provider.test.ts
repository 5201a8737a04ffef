import { AuthError, cached, type Provider } from "@auth/core";
import { describe, expect, test } from "vitest";
import { captureOutput, testProvider } from "../src/index.ts";
import { expectFailures, failures, outcomes } from "./collect.ts";
import { careful, onError, onValue, suiteOf, type World } from "./provider/careful.ts";
import { outcomeMutants } from "./provider/outcome-mutants.ts";
import { readMutants } from "./provider/read-mutants.ts";

const run = async (create: (world: World) => Provider): Promise<string[]> => {
  const { result } = await captureOutput(() =>
    failures((framework) => testProvider({ ...framework, ...suiteOf(create), hangMs: 1000 })),
  );
  return result;
};

test("careful providers pass: bare, cached, and one that asks a person", async () => {
  expect(await run(careful)).toEqual([]);
  expect(await run((world) => ({ ...careful(world), interactive: true }))).toEqual([]);
  expect(await run((world) => cached(careful(world), { ttlMs: 60_000, missMs: 0 }))).toEqual([]);
});

test("one that remembers for seconds that there was nothing passes if it says so, and only then", async () => {
  const remembering = suiteOf((world) => cached(careful(world), { ttlMs: 60_000 }));
  const failed = (remembersMisses: boolean): Promise<string[]> =>
    failures((framework) => testProvider({ ...framework, ...remembering, remembersMisses }));
  expect(await failed(true)).toEqual([]);
  expect(await failed(false)).toEqual([expect.stringMatching(/^a failure is not kept/)]);
});

describe("a provider fails that", { timeout: 60_000 }, () => {
  test.each(Object.entries({ ...outcomeMutants, ...readMutants }))("%s", async (_, { make, fails }) => {
    expectFailures(await run(make), fails);
  });
});

describe("arrangements and reasons", () => {
  const suite = suiteOf(careful);
  const { present, absent, malformed, halfConfigured } = suite.arrange;
  const bare = { ...suite, arrange: { present, absent, malformed, halfConfigured } };

  test("a missing arrangement without a reason fails and says what to do", async () => {
    const results = await outcomes((framework) => testProvider({ ...framework, ...bare }));
    expect(results.filter((each) => "error" in each).map((each) => String(each.error))).toEqual(
      ["denied", "unreachable", "slow"].map(
        (id) =>
          `Error: Nothing is given to run this with. Give arrange.${id}, or say why not: skip: { ${id}: "…" }`,
      ),
    );
  });

  test("with a reason it is shown as skipped, and the reason is in the title", async () => {
    const skip = {
      denied: "nobody is refused here",
      unreachable: "it is in this process",
      slow: "it answers at once",
      long: "keys are short",
    };
    const results = await outcomes((framework) => testProvider({ ...framework, ...bare, skip }));
    expect(results.filter((each) => each.skipped).map((each) => each.title)).toEqual([
      "denied is told apart from absent: ERR_AUTH_DENIED (skipped: nobody is refused here)",
      "unreachable may be tried again: ERR_AUTH_UNREACHABLE (skipped: it is in this process)",
      "SEC-28 abort ends one caller's wait for a slow source, and nobody else's (skipped: it answers at once)",
      "a secret with 4096 characters comes back unchanged (skipped: keys are short)",
    ]);
    expect(results.filter((each) => "error" in each)).toEqual([]);
  });

  test("a reason without words, or for a case that there is not, is refused", () => {
    const register = (skip: object) => () =>
      failures((framework) => testProvider({ ...framework, ...bare, skip }));
    return Promise.all([
      expect(register({ denied: " " })()).rejects.toThrow(/skip\.denied needs a reason/),
      expect(register({ dennied: "x" })()).rejects.toThrow(/no case "dennied".*denied/),
    ]);
  });

  test("another code for absence can be declared", async () => {
    const make = onError((error) =>
      error.code === "ERR_AUTH_NOT_FOUND"
        ? new AuthError("ERR_AUTH_EXHAUSTED", error.reason, error.message)
        : error,
    );
    const declared = { ...suiteOf(make), codes: { absent: "ERR_AUTH_EXHAUSTED" } as const };
    expect(await failures((framework) => testProvider({ ...framework, ...declared }))).toEqual([]);
    expect(await run(make)).toContainEqual(expect.stringMatching(/^absent/));
  });

  test("cleanup runs after each case, failed ones too", async () => {
    let cleaned = 0;
    const results = await outcomes((framework) =>
      testProvider({
        ...framework,
        ...suiteOf(onValue(() => undefined)),
        cleanup: () => {
          cleaned++;
        },
        skip: { slow: "it is not cleaned up here" },
      }),
    );
    expect(cleaned).toBe(results.filter((each) => !each.skipped).length);
  });
});
