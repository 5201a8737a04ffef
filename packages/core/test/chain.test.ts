import { AuthError, chain, fixed } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { absent, failing, link } from "./support/link.ts";
import { rejection, short, thrownBy } from "./support/outcome.ts";

test("SEC-68 the first that has a value; those after it are not asked", async () => {
  const [a, b, c] = [link("a", absent()), link("b", "found"), link("c", "never")];
  expect(await chain(a, b, c).get()).toBe("found");
  expect([a, b, c].map(({ reads }) => reads.length)).toEqual([1, 1, 0]);
});

describe("SEC-68 goes on after NOT_FOUND and UNAVAILABLE, and stops at any other failure", () => {
  test.each(["ERR_AUTH_NOT_FOUND", "ERR_AUTH_UNAVAILABLE"] as const)("goes on after %s", async (code) => {
    expect(await chain(link("a", failing(code)), link("b", "found")).get()).toBe("found");
  });

  test.each([
    "ERR_AUTH_INVALID",
    "ERR_AUTH_DENIED",
    "ERR_AUTH_UNREACHABLE",
    "ERR_AUTH_GRANT",
    "ERR_AUTH_INTERACTION_REQUIRED",
  ] as const)("stops at %s, which is thrown as it is", async (code) => {
    const error = failing(code);
    const next = link("b", "somebody else's");
    expect(await rejection(chain(link("a", error), next).get())).toBe(error);
    expect(next.reads).toEqual([]);
  });

  test("stops at what a source throws in its surprise", async () => {
    const { value, check } = canary("chain");
    const next = link("b", "somebody else's");
    const error = await rejection(chain(link("a", new Error(value)), next).get());
    expect(short(error)).toBe("INVALID/unexpected-failure");
    expect(error).toMatchObject({ provider: "a" });
    check(error);
    expect(next.reads).toEqual([]);
  });

  test("goes on after a chain that has nothing, for the same reasons", async () => {
    expect(await chain(chain(link("a", absent())), link("b", "found")).get()).toBe("found");
  });
});

test("EXHAUSTED lists every source with its reason, in order", async () => {
  const first = absent("env ACME");
  const second = new AuthError("ERR_AUTH_UNAVAILABLE", "no-terminal", "prompt: no terminal");
  const error = (await rejection(chain(link("env ACME", first), link("prompt", second)).get())) as AuthError;
  expect(short(error)).toBe("EXHAUSTED/no-source-answered");
  expect(error.attempts).toEqual([
    { provider: "env ACME", code: "ERR_AUTH_NOT_FOUND", reason: "not-set", message: "env ACME: not set" },
    {
      provider: "prompt",
      code: "ERR_AUTH_UNAVAILABLE",
      reason: "no-terminal",
      message: "prompt: no terminal",
    },
  ]);
  expect(error.message.indexOf("env ACME: not set")).toBeGreaterThan(0);
  expect(error.message.indexOf("prompt: no terminal")).toBeGreaterThan(
    error.message.indexOf("env ACME: not set"),
  );
});

test("the options reach every link that is asked", async () => {
  const [a, b] = [link("a", absent()), link("b", "x")];
  const options = { signal: new AbortController().signal, forceRefresh: true };
  await chain(a, b).get(options);
  expect([...a.reads, ...b.reads]).toEqual([options, options]);
});

test("SEC-28 an abort rejects with the signal's reason, and nothing else is asked", async () => {
  const controller = new AbortController();
  const b = link("b", "x");
  const a = link("a", absent(), {
    get: async () => {
      controller.abort("enough");
      throw absent();
    },
  });
  expect(await rejection(chain(a, b).get({ signal: controller.signal }))).toBe("enough");
  expect(await rejection(chain(b).get({ signal: AbortSignal.abort("before") }))).toBe("before");
  expect(b.reads).toEqual([]);
});

test("may ask a person as long as a link that may is in the running", async () => {
  const provider = chain(link("env", "x"), link("prompt", "y", { interactive: true }));
  expect(provider.interactive).toBe(true);
  await provider.get();
  expect(provider.interactive).toBe(false);
  expect(chain(link("env", "x")).interactive).toBe(false);
});

test("its name tells the links, in order", () => {
  const { name } = chain(link("env ACME_*", "x"), link("file a.json", "y"));
  expect(name.indexOf("env ACME_*")).toBeGreaterThanOrEqual(0);
  expect(name.indexOf("file a.json")).toBeGreaterThan(name.indexOf("env ACME_*"));
});

test("wrong arguments are TypeErrors that quote nothing, and touch nothing", () => {
  const { value, check } = canary("chain");
  const a = link("a", "x");
  for (const wrong of [
    [],
    [{ sticky: true }],
    [undefined],
    [value],
    [a, value],
    [a, null],
    [{ get: async () => "x" }],
    [{ name: "a" }],
  ]) {
    const error = thrownBy(() => chain(...(wrong as never[])));
    expect(error).toBeInstanceOf(TypeError);
    check(error);
  }
  chain(a);
  expect(a.reads).toEqual([]);
});

test("disposing a chain disposes every link, though one fails", async () => {
  const disposed: string[] = [];
  const disposable = (name: string, fails = false) =>
    Object.assign(fixed(name, name), {
      [Symbol.asyncDispose]: async () => {
        disposed.push(name);
        if (fails) throw new Error(name);
      },
    });
  await chain(disposable("a", true), disposable("b"))
    [Symbol.asyncDispose]?.()
    .catch(() => {});
  expect(disposed).toEqual(["a", "b"]);
});
