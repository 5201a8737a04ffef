import { Secret } from "@auth/core";
import { afterAll, describe, expect, test } from "vitest";
import { captureOutput, testGrant } from "../src/index.ts";
import { expectFailures, failures, outcomes } from "./collect.ts";
import { answerMutants } from "./grant/answer-mutants.ts";
import { clientGrant, passwordGrant } from "./grant/careful.ts";
import type { Password } from "./grant/change.ts";
import { about, clock, server } from "./grant/server.ts";
import { shapeMutants } from "./grant/shape-mutants.ts";

afterAll(() => server.close());

testGrant({
  describe,
  test,
  name: "a careful grant with refresh tokens",
  create: () => passwordGrant(server),
  ...about,
});

testGrant({
  describe,
  test,
  name: "a careful grant without refresh tokens",
  create: () => clientGrant(server),
  credential: () => ({
    type: "client-secret",
    clientId: server.client.id,
    clientSecret: new Secret(server.client.secret),
  }),
  wrong: (secret) => ({
    type: "client-secret",
    clientId: server.client.id,
    clientSecret: new Secret(secret),
  }),
  other: () => ({ type: "client-secret", clientId: "other", clientSecret: new Secret("other") }),
  check: server.check,
  clock,
});

const run = async (change: (inner: Password) => Partial<Password>): Promise<string[]> => {
  const create = (): Password => {
    const inner = passwordGrant(server);
    return { ...inner, ...change(inner) };
  };
  const { result } = await captureOutput(() =>
    failures((framework) => testGrant({ ...framework, name: "mutant", create, ...about, hangMs: 2000 })),
  );
  return result;
};

/** Keeps the test framework from seeing the rejections that a mutant leaves behind on purpose. */
async function unwatched<T>(work: () => Promise<T>): Promise<T> {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", () => {});
  try {
    return await work();
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

describe("a grant fails that", { timeout: 60_000 }, () => {
  test.each(Object.entries({ ...shapeMutants, ...answerMutants }))("%s", async (what, { change, fails }) => {
    const work = (): Promise<string[]> => run(change);
    expectFailures(await (what === "leaves a rejection behind" ? unwatched(work) : work()), fails);
  });
});

test("what the author does not give fails or needs a reason", async () => {
  const { wrong: _, other: __, ...rest } = about;
  const suite = { name: "bare", create: () => passwordGrant(server), ...rest };
  const bare = await outcomes((framework) => testGrant({ ...framework, ...suite }));
  expect(bare.filter((each) => "error" in each).map((each) => String(each.error))).toEqual([
    expect.stringContaining("Give other, or say why not: skip: { otherAccount:"),
    expect.stringContaining("Give wrong, or say why not: skip: { wrong:"),
    expect.stringContaining("Give wrong, or say why not: skip: { rotatedSecret:"),
  ]);
  const skip = {
    otherAccount: "there is one",
    wrong: "it cannot be wrong",
    rotatedSecret: "it cannot be wrong",
  };
  const reasoned = await outcomes((framework) => testGrant({ ...framework, ...suite, skip }));
  expect(reasoned.filter((each) => "error" in each)).toEqual([]);
  expect(reasoned.filter((each) => each.skipped)).toHaveLength(3);
});
