import { AuthError, locked, memoryStore, type TokenStore } from "@auth/core";
import { describe, expect, test } from "vitest";
import { captureOutput, testStore } from "../src/index.ts";
import { expectFailures, failures, outcomes } from "./collect.ts";
import { but, careful, type Disk, suiteOf } from "./store/careful.ts";
import { lockMutants } from "./store/lock-mutants.ts";
import { textMutants } from "./store/text-mutants.ts";
import { writeMutants } from "./store/write-mutants.ts";

const run = async (make: (disk: Disk) => TokenStore): Promise<string[]> => {
  const suite = suiteOf(make);
  const { result } = await captureOutput(() =>
    failures((framework) => testStore({ ...framework, ...suite })),
  );
  return result;
};

test("careful stores pass", async () => {
  expect(await run(careful)).toEqual([]);
  expect(
    await run((disk) => locked({ ...careful(disk), withLock: undefined as never }, disk.lock as never)),
  ).toEqual([]);
  expect(
    await failures((framework) => testStore({ ...framework, name: "memory", create: memoryStore })),
  ).toEqual([]);
});

describe("a store fails that", { timeout: 60_000 }, () => {
  test.each(Object.entries({ ...textMutants, ...writeMutants, ...lockMutants }))("%s", async (_, mutant) => {
    expectFailures(await run(mutant.make), mutant.fails);
  });
});

test("a store without a lock needs a reason", async () => {
  const suite = suiteOf((disk) => {
    const { withLock: _, ...bare } = careful(disk);
    return bare;
  });
  const failed = await failures((framework) => testStore({ ...framework, ...suite }));
  expect(failed).toHaveLength(6);
  const why = "locked(store, fileLock) brings one";
  const skip = { lock: why, lockTimeout: why, lockAbort: why };
  const results = await outcomes((framework) => testStore({ ...framework, ...suite, skip }));
  expect(results.filter((each) => each.skipped)).toHaveLength(6);
  expect(results.filter((each) => "error" in each)).toEqual([]);
});

test("a store that takes only its own kind of text is given that", async () => {
  const strict = but((inner) => ({
    write: async (key, value, expected) => {
      if (!value.startsWith("<v>"))
        throw new AuthError("ERR_AUTH_INVALID", "store-corrupted", "disk: not ours");
      return inner.write(key, value, expected);
    },
  }));
  const wrap = { in: (text: string) => `<v>${text}`, out: (value: string) => value.slice(3) };
  const suite = suiteOf(strict);
  const results = await outcomes((framework) =>
    testStore({ ...framework, ...suite, wrap, skip: { record: "it takes no records" } }),
  );
  expect(results.filter((each) => "error" in each)).toEqual([]);
});
