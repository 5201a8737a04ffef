import { AuthError, createAuth, fixed, Secret, toAuthError } from "@auth/core";
import { showForeignWords } from "@auth/core/debug";
import { canary } from "@auth/testkit";
import { afterEach, expect, test } from "vitest";
import { rejection } from "./support/outcome.ts";

let stop = (): void => {};
afterEach(() => stop());

function listen(): string[] {
  const lines: string[] = [];
  stop = showForeignWords((text) => lines.push(text));
  return lines;
}

test("SEC-4 the one opt-in shows a foreign error's words, and those of its causes; the error stays without", async () => {
  const { value, check } = canary("words");
  const lines = listen();
  const grant = {
    name: "acme",
    accepts: ["access-token"] as const,
    local: true,
    partition: () => "acme",
    exchange: async () => {
      throw new TypeError("outer words", { cause: new AggregateError([new Error(value)], "collected") });
    },
  };
  const credentials = fixed({ type: "access-token", token: new Secret("t") });
  check(await rejection(createAuth({ grant, credentials }).getToken()));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("TypeError: outer words");
  expect(lines[0]).toMatch(/debug\.test\.ts:\d+/);
  expect(lines[0]).toContain("collected");
  expect(lines[0]).toContain(value);
});

test("what is made bare once is shown once, and an AuthError not at all", () => {
  const lines = listen();
  const error = toAuthError(new Error("words"), "vault");
  new AuthError("ERR_AUTH_INVALID", "r", "m", { cause: error });
  new AuthError("ERR_AUTH_INVALID", "r", "m", { cause: error.cause });
  expect(lines).toHaveLength(1);
});

test("SEC-6 it is off by default and after its end, and no environment variable turns it on", () => {
  const lines = listen();
  stop();
  const before = { ...process.env };
  Object.assign(process.env, { DEBUG: "*", AUTH_DEBUG: "1", NODE_DEBUG: "auth" });
  toAuthError(new Error("words"), "vault");
  process.env = before;
  expect(lines).toEqual([]);
});

test("whoever listens first is back when the second ends", () => {
  const first: string[] = [];
  const second: string[] = [];
  const stopFirst = showForeignWords((text) => first.push(text));
  const stopSecond = showForeignWords((text) => second.push(text));
  toAuthError(new Error("a"), "vault");
  stopSecond();
  toAuthError(new Error("b"), "vault");
  stopFirst();
  toAuthError(new Error("c"), "vault");
  expect([first.length, second.length]).toEqual([1, 1]);
});

test("a listener that throws, and errors that cannot be looked at, end nothing", () => {
  stop = showForeignWords(() => {
    throw new Error("listener");
  });
  expect(toAuthError(new Error("x"), "vault").reason).toBe("unexpected-failure");
  stop();
  const lines = listen();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const thrown of [proxy, Object.create(null), undefined, Symbol("s"), "text"])
    toAuthError(thrown, "vault");
  expect(lines).toHaveLength(5);
});

test("what is shown is bounded", () => {
  const lines = listen();
  const self = new Error("x".repeat(100_000));
  self.cause = self;
  toAuthError(self, "vault");
  expect(lines[0]?.length).toBeLessThanOrEqual(65_536);
});
