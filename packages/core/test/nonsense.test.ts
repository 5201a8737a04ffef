import { bearer, cached, chain, createAuth, explain, fixed, fromAuth, locked, memoryStore } from "@auth/core";
import { showForeignWords } from "@auth/core/debug";
import { setDefaultAuth } from "@auth/core/default";
import { credentialFrom, parsePayload } from "@auth/core/payload";
import { createResolver, parseReference } from "@auth/core/resolver";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { rejection, thrownBy } from "./support/outcome.ts";

// biome-ignore lint/suspicious/noExplicitAny: what a caller without types may do
type Anything = (...args: any[]) => unknown;

/** What each expects, in a word that its message has to have. */
const functions: Record<string, readonly [call: Anything, expects: RegExp]> = {
  createAuth: [createAuth, /grant/],
  chain: [chain, /providers/],
  cached: [cached, /provider/],
  fromAuth: [fromAuth, /an Auth/],
  setDefaultAuth: [setDefaultAuth, /an Auth/],
  createResolver: [createResolver, /schemes/],
  parseReference: [parseReference, /text/],
  parsePayload: [parsePayload, /text/],
  credentialFrom: [credentialFrom, /fields/],
  locked: [locked, /lock/],
  explain: [explain, /provider/],
  showForeignWords: [showForeignWords, /function/],
};
const nonsense: Record<string, unknown[]> = {
  nothing: [],
  "nothing, twice": [undefined, undefined],
  null: [null],
  "a number": [5],
  "an empty object": [{}],
  "a function": [() => {}],
};

test.each(Object.keys(functions))(
  "%s answers nonsense with words: who, and what it expects",
  async (name) => {
    const [call, expects] = functions[name] ?? expect.fail();
    for (const [what, args] of Object.entries(nonsense)) {
      if (name === "showForeignWords" && what === "a function") continue;
      if (name === "setDefaultAuth" && args[0] === undefined) continue; // takes the default away
      const thrown = await (async () => call(...args))().then(
        () => expect.fail(`${name} took ${what}`),
        (error: unknown) => error,
      );
      expect(thrown, `${name}, ${what}`).toBeInstanceOf(TypeError);
      const { message } = thrown as TypeError;
      expect(message).toMatch(new RegExp(`^${name}: `));
      expect(message).toMatch(expects);
      expect(message).not.toContain("Cannot read");
    }
  },
);

test("a text where a provider should be is not taken, nor quoted", () => {
  const { value, check } = canary("nonsense");
  for (const call of [
    () => chain(value as never),
    () => cached(value as never, { ttlMs: 1 }),
    () => fromAuth(value as never),
    () => createResolver([value as never]),
    () => createAuth(value as never),
    () => locked(memoryStore(), value as never),
    () => credentialFrom({ token: { value } as never }, { source: "vault" }),
  ]) {
    const thrown = thrownBy(call);
    expect(thrown).toBeInstanceOf(TypeError);
    check(thrown);
  }
});

test("fixed without a value, and cached without a time", async () => {
  const credentials = fixed(undefined) as never;
  const error = await rejection(createAuth({ grant: bearer(), credentials }).getToken());
  expect((error as Error).message).toContain("found no credential, but undefined; bearer takes access-token");
  const source = fixed("x");
  expect(() => cached(source, undefined as never)).toThrow(/ttlMs/);
  expect(() => cached(source, { ttlMs: "soon" as never })).toThrow(/ttlMs/);
});
