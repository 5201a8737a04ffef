import { inspect } from "node:util";
import { Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { thrownBy } from "./support/outcome.ts";

test("SEC-1 a secret comes out of reveal() and nowhere else", () => {
  const { value, check } = canary("password");
  const secret = new Secret(value);
  expect(secret.reveal()).toBe(value);
  check(secret);
  check([secret], { secret }, new Map([[secret, secret]]), new Error("wrapped", { cause: secret }));
});

test("SEC-1 no inspection option brings it to light, and no assertion diff", () => {
  const { value, check } = canary("password");
  const secret = new Secret(value);
  for (const showHidden of [true, false])
    for (const getters of [true, false, "get", "set"] as const)
      for (const customInspect of [true, false])
        check(
          inspect(
            { deep: [{ secret }] },
            { showHidden, getters, customInspect, depth: Infinity, showProxy: true },
          ),
        );
  check(thrownBy(() => expect(secret).toEqual("another")));
  check(thrownBy(() => expect({ secret }).toBe({ secret })));
});

test("SEC-2 it prints as a constant, whatever its text", () => {
  for (const text of ["", "x", "a long text with spaces", "🔑", "[secret]".repeat(100)]) {
    const secret: unknown = new Secret(text);
    for (const printed of [
      `${secret as string}`,
      String(secret as string),
      "".concat(secret as string),
      inspect(secret),
      JSON.parse(JSON.stringify(secret)),
    ])
      expect(printed).toBe("[secret]");
  }
});

test("SEC-2 two secrets cannot be told apart by what they print", () => {
  const [a, b] = [new Secret("a"), new Secret("b".repeat(1_000))];
  expect(inspect(a, { showHidden: true, customInspect: false })).toBe(
    inspect(b, { showHidden: true, customInspect: false }),
  );
  expect(Object.entries(a)).toEqual([]);
  expect(Reflect.ownKeys(a)).toEqual([]);
});

test("SEC-1 a copy holds nothing", () => {
  const { value, check } = canary("password");
  const secret = new Secret(value);
  const copy = Object.assign({}, secret);
  check(copy, structuredClone(copy), structuredClone(secret));
  expect(thrownBy(() => Secret.prototype.reveal.call(copy))).toBeInstanceOf(TypeError);
});

test("it keeps any text as it is, and cannot be changed", () => {
  for (const text of ["", " leading", "trailing\n", "nul\0", "é🔑", "\ud800"])
    expect(new Secret(text).reveal()).toBe(text);
  expect(Object.isFrozen(new Secret("x"))).toBe(true);
});

test("anything but a string is a TypeError that quotes nothing", () => {
  const { value, check } = canary("password");
  for (const wrong of [undefined, null, 42, { value }, [value], () => value, Symbol(value)]) {
    const error = thrownBy(() => new Secret(wrong as never));
    expect(error).toBeInstanceOf(TypeError);
    check((error as Error).message);
  }
});
