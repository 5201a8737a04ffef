import { inspect } from "node:util";
import { AuthError, type AuthErrorCode, isAuthError, toAuthError } from "@auth/core";
import { type Canary, canary } from "@auth/testkit";
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

/** A secret that could be no name of a file. */
function withDigit(): Canary {
  const made = canary("stack");
  return /\d/.test(made.value) ? made : withDigit();
}

/** Places of this file, as a cause shows them. */
const here = /\n {4}at (?:file:\/\/)?\/[^\n]*\/errors\.test\.ts:\d+:\d+/;

describe("SEC-4 of a foreign stack the places are kept", () => {
  test("file, line and column, without message and names", () => {
    const { value, check } = canary("message");
    const named = { [value]: () => new TypeError(`first\n    at ${value} (/etc/passwd:1:1)\nlast ${value}`) };
    const error = toAuthError(named[value]?.(), "vault");
    expect((error.cause as Error).stack).toMatch(here);
    expect((error.cause as Error).stack).toMatch(/^TypeError: withheld\n {4}at /);
    expect((error.cause as Error).stack).not.toContain("/etc/passwd");
    check(error);
  });

  test("of a plugin's own mistake, so that it can be found", () => {
    try {
      (undefined as unknown as { missing(): void }).missing();
    } catch (thrown) {
      const shown = inspect(toAuthError(thrown, "vault"));
      expect(shown).toContain("failed unexpectedly (TypeError)");
      expect(shown).toMatch(/errors\.test\.ts:\d+:\d+/);
      expect(shown).not.toContain("missing");
    }
    expect.assertions(3);
  });

  test.each([
    [
      "a message that was changed later",
      (secret: string) => Object.assign(new Error(`x\n    at /${secret}:1:1`), { message: "y" }),
    ],
    ["a message of frames alone", (secret: string) => new Error(`\n    at f (/${secret}/x.js:1:1)`)],
    [
      "a stack without the message",
      (secret: string) => Object.assign(new Error("not in there"), { stack: `${secret}\n    at /a/b:1:1` }),
    ],
    [
      "a stack all its own",
      (secret: string) =>
        Object.assign(new Error("x"), {
          stack: `Error: x\n    at /${secret}:1:1\n    at f (file:///a/${secret}/x.js:1:1)`,
        }),
    ],
    [
      "a data: URL",
      (secret: string) =>
        Object.assign(new Error("x"), {
          stack: `Error: x\n    at data:text/javascript;base64,a/${secret}:1:1\n    at f (data:a,b/${secret}:1:1)`,
        }),
    ],
    [
      "a query",
      (secret: string) =>
        Object.assign(new Error("x"), {
          stack: `Error: x\n    at https://h/x.js?a=/${secret}:1:1\n    at f (file:///x.js?${secret}:1:1)`,
        }),
    ],
    [
      "user information",
      (secret: string) =>
        Object.assign(new Error("x"), { stack: `Error: x\n    at https://u:${secret}@h/x.js:1:1` }),
    ],
    [
      "code that was evaluated",
      (secret: string) =>
        Object.assign(new Error("x"), {
          stack: `Error: x\n    at eval (eval at ${secret} (file:///x.js:1:1), <anonymous>:1:1)`,
        }),
    ],
    [
      "names of functions",
      (secret: string) =>
        Object.assign(new Error("x"), {
          stack: `Error: x\n    at Object.${secret} [as ${secret}] (file:///x.js:1:1)`,
        }),
    ],
    [
      "words between the frames",
      (secret: string) =>
        Object.assign(new Error("x"), {
          stack: `Error: x\n    at file:///x.js:1:1\n${secret}\n at ${secret}`,
        }),
    ],
    [
      "a stack that is no text",
      (secret: string) => Object.assign(new Error("x"), { stack: [secret], message: { secret } }),
    ],
  ])("%s gives nothing away", (_, make) => {
    const { value, check } = withDigit();
    check(
      toAuthError(make(value), "plugin"),
      new AuthError("ERR_AUTH_INVALID", "r", "m", { cause: make(value) }),
    );
  });

  test("a getter that answers otherwise the second time is asked once", () => {
    const { value, check } = canary("getter");
    let asked = 0;
    const thrown = Object.defineProperty(new Error("x"), "code", { get: () => (asked++ ? value : "ECODE") });
    const error = toAuthError(thrown, "plugin");
    check(error);
    expect(error.message).toContain("ECODE");
  });

  test("SEC-7 huge and endless ones: in little time, and little is kept", () => {
    const frames = "\n    at f (file:///x.js:1:1)".repeat(50_000);
    const thrown = Object.assign(new Error("x".repeat(1_000_000)), {
      stack: `Error: ${"x".repeat(1_000_000)}${frames}`,
    });
    const self: { cause?: unknown } = Object.assign(new Error("x"), {
      stack: `Error: x${"\n    at (".repeat(100_000)}`,
    });
    self.cause = self;
    for (const each of [thrown, self])
      expect(inspect(toAuthError(each, "plugin"), { depth: 9 }).length).toBeLessThan(12_000);
  });
});

test("what console.log shows of a network failure: code, errno and syscall, of the innermost cause too", () => {
  const inner = Object.assign(new Error("connect ECONNREFUSED 10.1.2.3:443"), {
    code: "ECONNREFUSED",
    errno: -111,
    syscall: "connect",
    address: "10.1.2.3",
  });
  const shown = inspect(toAuthError(new TypeError("fetch failed", { cause: inner }), "idp"));
  expect(shown).toContain("code: 'ECONNREFUSED'");
  expect(shown).toContain("errno: -111");
  expect(shown).toContain("syscall: 'connect'");
  expect(shown).not.toContain("10.1.2.3");
  expect(shown).not.toContain("fetch failed");
});

test("an unexpected failure says its class and code, and where its words can be seen", () => {
  const thrown = Object.assign(new TypeError("words"), { code: "ERR_MODULE_NOT_FOUND" });
  expect(toAuthError(thrown, "vault").message).toBe(
    "vault: failed unexpectedly (TypeError; ERR_MODULE_NOT_FOUND); its words are withheld: @auth/core/debug shows them.",
  );
  expect(toAuthError("words", "vault").message).toContain("(Error)");
});

test("a cause that was made bare stays as it is, however often it is handed on", () => {
  const first = toAuthError(new TypeError("x"), "vault");
  const second = new AuthError("ERR_AUTH_INVALID", "r", "m", { cause: first.cause });
  expect(second.cause).toBe(first.cause);
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
    [
      "an error of symbols",
      Object.assign(new Error("x"), { name: Symbol("n"), message: Symbol("m"), stack: Symbol("s") }),
    ],
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
