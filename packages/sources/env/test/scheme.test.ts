import { isAuthError } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import { canary } from "@auth/testkit";
import { afterEach, expect, test, vi } from "vitest";
import { scheme } from "../src/index.ts";

const resolve = createResolver([scheme]);
const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
afterEach(() => vi.unstubAllEnvs());

test.each([
  ["env:T_TOKEN", { T_TOKEN: "t" }, { type: "access-token", source: "env T_TOKEN" }],
  ["env://T_TOKEN", { T_TOKEN: "t" }, { type: "access-token", source: "env T_TOKEN" }],
  ["env:T_KEY?bare=apiKey", { T_KEY: "k" }, { type: "api-key" }],
  ["env:T_RT?bare=refreshToken&encoding=base64", { T_RT: "cg==" }, { type: "refresh-token" }],
  ["env:T_DB", { T_DB: '{"username":"a","password":"b"}' }, { type: "password", username: "a" }],
  ["env:T_DB#/db/main", { T_DB: '{"db":{"main":"t"}}' }, { type: "access-token" }],
  ["env:T_*", { T_CLIENT_ID: "app", T_CLIENT_SECRET: "s" }, { type: "client-secret", source: "env T_*" }],
])("%s", async (reference, env: Record<string, string>, expected) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect(await resolve(reference).get()).toMatchObject(expected);
});

test.each([
  "env:1TOKEN",
  "env:MY-TOKEN",
  "env:a/b",
  "env:*",
  "env:_*x",
  "env:T_*?bare=token",
  "env:T_*#/a",
  "env:T?bare=password",
  "env:T?encoding=hex",
])("%s is refused", (reference) => {
  const error = thrownBy(() => resolve(reference));
  expect(isAuthError(error, "ERR_AUTH_INVALID") && error.reason).toBe("reference");
});

test("an unknown selector is refused", () => {
  const error = thrownBy(() => resolve("env:T?trim=none"));
  expect(isAuthError(error) && error.reason).toBe("unknown-selector");
});

test("SEC-3 a secret in the place of a name is not quoted", () => {
  const secret = canary();
  const error = thrownBy(() => resolve(`env:${secret.value}`));
  expect(isAuthError(error) && error.reason).toBe("reference");
  secret.check(error);
});

test("it describes what is named", () => {
  const say = (text: string) => scheme.describe?.(parseReference(text));
  expect(say("env:ACME_TOKEN")).toBe("the environment variable ACME_TOKEN");
  expect(say("env:DB#/password")).toBe('"/password" in the environment variable DB');
  expect(say("env:ACME_*")).toBe("the environment variables ACME_*");
});
