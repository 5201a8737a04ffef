import { bearer, createAuth, fixed, Secret } from "@auth/core";
import { setDefaultAuth } from "@auth/core/default";
import { afterEach, expect, test } from "vitest";
import { getDefaultAuth } from "../src/index.ts";

afterEach(() => setDefaultAuth(undefined));

test("descarteslabs 37 the default is made once, can be replaced, and is made again when it was taken away", () => {
  const first = getDefaultAuth();
  expect(first.name).toBe("descartes-labs https://iam.production.aws.descarteslabs.com");
  expect(getDefaultAuth()).toBe(first);
  const credentials = fixed({ type: "access-token", token: new Secret("t") } as const);
  const other = createAuth({ grant: bearer(), credentials });
  setDefaultAuth(other);
  expect(getDefaultAuth()).toBe(other);
  setDefaultAuth(undefined);
  expect(getDefaultAuth()).not.toBe(first);
});
