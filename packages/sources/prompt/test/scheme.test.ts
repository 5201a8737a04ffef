import { isAuthError } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import { expect, onTestFinished, test, vi } from "vitest";
import { fromPrompt, scheme } from "../src/index.ts";
import { person } from "./person.ts";

const resolve = createResolver([scheme]);

test.each([
  ["prompt:API%20token", "prompt API token"],
  ["prompt:Key?type=api-key&confirm=1&secret=1", "prompt Key"],
])("%s is a provider that asks", (reference, name) => {
  expect(resolve(reference)).toMatchObject({ name, interactive: true });
});

test.each([
  "prompt://host/API%20token",
  "prompt:API%20token#/a",
  "prompt:Key?type=private-key",
  "prompt:Key?secret=0",
  "prompt:Key?confirm=yes",
])("%s is refused", (reference) => {
  let error: unknown;
  try {
    resolve(reference);
  } catch (thrown) {
    error = thrown;
  }
  expect(isAuthError(error, "ERR_AUTH_INVALID") && error.reason).toBe("reference");
});

test("SEC-123 it describes the question, without what would command a terminal", () => {
  const reference = parseReference("prompt:API%20token%E2%80%AE");
  expect(scheme.describe?.(reference)).toBe("a question at the terminal: API token");
});

test.each([
  { type: "private-key" },
  { type: "api-key", username: "alice" },
  { clientId: "app" },
  { message: 7 },
  null,
  "password",
  [],
  { type: 5 },
  { type: "toString" },
  { username: 5 },
  { message: 5 },
  { confirm: "yes" },
  { input: "stdin" },
  { output: {} },
])("fromPrompt(%j) is a TypeError at once", (options) => {
  expect(() => fromPrompt(options as never)).toThrow(TypeError);
  expect(() => fromPrompt(options as never)).toThrow(/^fromPrompt: /);
});

test("a function words each question; a blank user name is asked for, a client id is kept", async () => {
  const someone = person();
  vi.stubEnv("CI", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  someone.knows({
    "<username>": "alice\r",
    "<password>": "pw\r",
    "<refreshToken>": "r\r",
    "<clientId>": "app\r",
    "<clientSecret>": "s\r",
  });
  const common = { input: someone.input, output: someone.output, message: (field: string) => `<${field}>` };
  expect(await fromPrompt({ ...common, username: " " }).get()).toMatchObject({ username: "alice" });
  const client = await fromPrompt({ ...common, type: "client-secret" }).get();
  expect(client).toMatchObject({ type: "client-secret", clientId: "app" });
  const refresh = await fromPrompt({ ...common, type: "refresh-token", clientId: "app" }).get();
  expect(refresh).toMatchObject({ type: "refresh-token", clientId: "app" });
});
