import { getDefaultAuth, setDefaultAuth } from "@auth/core/default";
import { afterEach, expect, test } from "vitest";
import { short, thrownBy } from "./support/outcome.ts";
import { world } from "./support/world.ts";

afterEach(() => setDefaultAuth(undefined));

test("what was set is what everybody gets, until it is taken away", () => {
  const [one, two] = [world().auth(), world().auth()];
  setDefaultAuth(one);
  expect(getDefaultAuth()).toBe(one);
  setDefaultAuth(two);
  expect(getDefaultAuth()).toBe(two);
  setDefaultAuth(undefined);
  expect(short(thrownBy(getDefaultAuth))).toBe("UNAVAILABLE/no-default-auth");
});

test("without one: a typed error that says what to do", () => {
  const error = thrownBy(getDefaultAuth) as Error;
  expect(short(error)).toBe("UNAVAILABLE/no-default-auth");
  expect(error.message).toContain("setDefaultAuth");
});
