import { inspect } from "node:util";
import { AuthError, type AuthErrorCode, isAuthError, toAuthError } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";

const codes: AuthErrorCode[] = [
  "ERR_AUTH_NOT_FOUND",
  "ERR_AUTH_UNAVAILABLE",
  "ERR_AUTH_INVALID",
  "ERR_AUTH_DENIED",
  "ERR_AUTH_UNREACHABLE",
  "ERR_AUTH_GRANT",
  "ERR_AUTH_INTERACTION_REQUIRED",
  "ERR_AUTH_EXHAUSTED",
];

test.each(codes)("%s: what it is made of", (code) => {
  const error = new AuthError(code, "some-reason", "env ACME: look there");
  expect(error).toBeInstanceOf(Error);
  expect(error).toBeInstanceOf(AuthError);
  expect(error).toMatchObject({
    name: "AuthError",
    code,
    reason: "some-reason",
    message: "env ACME: look there",
  });
  expect(error.retryable).toBe(code === "ERR_AUTH_UNREACHABLE");
  expect(error.stack).toContain("env ACME: look there");
  expect(inspect(error)).toContain(code);
  expect(isAuthError(error)).toBe(true);
  expect(codes.filter((each) => isAuthError(error, each))).toEqual([code]);
});

test("what it may say besides, and nothing else", () => {
  const attempts = [
    { provider: "env", code: "ERR_AUTH_NOT_FOUND", reason: "not-set", message: "env: not set" },
  ] as const;
  const facts = {
    provider: "idp",
    retryable: true,
    retryAfterMs: 5,
    error: "invalid_grant",
    status: 400,
    attempts,
  };
  const error = new AuthError("ERR_AUTH_GRANT", "r", "m", facts);
  expect(error).toMatchObject(facts);
  expect(
    Object.keys(new AuthError("ERR_AUTH_GRANT", "r", "m", { provider: undefined, cause: undefined })).sort(),
  ).toEqual(["code", "reason", "retryable"]);
});

test("SEC-3 what a plugin adds to the facts is not kept: no request, response, headers or body", () => {
  const { value, check } = canary("body");
  const more = { body: value, headers: { authorization: value }, response: new Response(value) };
  check(new AuthError("ERR_AUTH_GRANT", "r", "m", more as never));
});

describe("SEC-4 a foreign cause keeps name, code, errno and syscall", () => {
  test("of a system error", () => {
    const foreign = Object.assign(new TypeError("ENOENT: no such file"), {
      code: "ENOENT",
      errno: -2,
      syscall: "open",
      path: "/home/alice/secret.json",
    });
    const { cause } = new AuthError("ERR_AUTH_NOT_FOUND", "no-file", "m", { cause: foreign });
    expect(cause).toMatchObject({ name: "TypeError", code: "ENOENT", errno: -2, syscall: "open" });
    expect(cause).not.toBe(foreign);
    expect(cause).not.toHaveProperty("path");
    expect(inspect(cause, { showHidden: true })).not.toContain("alice");
  });

  test("and nothing of what quotes its input", () => {
    const { value, check } = canary("quoted");
    for (const foreign of [
      new SyntaxError(`Unexpected token in JSON: ${value}`),
      new TypeError(`Headers.set: ${value} is an invalid header value`, { cause: new Error(value) }),
      new AggregateError([new Error(value), value], value),
      Object.assign(new Error("x"), { name: value, code: value, syscall: value, errno: value, stack: value }),
      Object.assign(new Error("x"), { code: `ERR_${value}`, [value]: 1 }),
      { toString: () => value, message: value },
      value,
      Symbol(value),
      () => value,
      [value],
      new Response(value),
    ])
      check(new AuthError("ERR_AUTH_INVALID", "r", "m", { cause: foreign }), toAuthError(foreign, "plugin"));
  });

  test("an AuthError is a cause as it is", () => {
    const cause = new AuthError("ERR_AUTH_DENIED", "locked", "keychain: locked");
    expect(new AuthError("ERR_AUTH_INVALID", "r", "m", { cause }).cause).toBe(cause);
  });
});

describe("SEC-117 toAuthError makes an AuthError of whatever was thrown", () => {
  const hostile = new Proxy(new Error("x"), {
    get: () => {
      throw new Error("get");
    },
    getPrototypeOf: () => {
      throw new Error("getPrototypeOf");
    },
  });
  test.each([
    ["an error", new Error("x")],
    ["a frozen error", Object.freeze(new Error("x"))],
    ["a string", "x"],
    ["undefined", undefined],
    ["null", null],
    ["a function", () => {}],
    ["an object without prototype", Object.create(null)],
    ["a hostile proxy", hostile],
  ])("%s", (_, thrown) => {
    expect(isAuthError(thrown)).toBe(false);
    const error = toAuthError(thrown, "vault prod");
    expect(error).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "unexpected-failure",
      provider: "vault prod",
      retryable: false,
    });
    expect(error.message).toContain("vault prod");
  });

  test("an AuthError stays itself", () => {
    const error = new AuthError("ERR_AUTH_DENIED", "locked", "keychain: locked");
    expect(toAuthError(error, "another")).toBe(error);
  });
});

test("what only looks like an AuthError is none", () => {
  for (const fake of [
    { name: "AuthError", code: "ERR_AUTH_GRANT", reason: "x" },
    Object.assign(new Error("x"), { name: "AuthError", code: "ERR_AUTH_GRANT" }),
  ])
    expect(isAuthError(fake)).toBe(false);
});
