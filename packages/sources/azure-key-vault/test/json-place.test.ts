import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";

const hidden = canary("json");

test.each([
  [
    "a comma too many",
    `{\n  "username": "alice",\n  "password": "${hidden.value}",\n}`,
    ", at line 4, column 1",
  ],
  ["a comma too few", `{"username": "alice" "password": "${hidden.value}"}`, ", at line 1, column 22"],
  ["quotes of the wrong kind", `{'password': '${hidden.value}'}`, ", at line 1, column 2"],
  ["no end", `{"password": "${hidden.value}"`, ""],
])("SEC-4 JSON with %s is refused with its place and none of its words", async (_, value, place) => {
  const client = { getSecret: async () => ({ value, properties: { version: "1" } }) };
  const error: unknown = await fromAzureKeyVault({ secret: "app", client })
    .get()
    .catch((error: unknown) => error);
  expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "payload-malformed" });
  expect((error as Error).message).toContain(`not strict JSON${place}`);
  hidden.check(error);
});

test("what is JSON by its content type alone says its place, too", async () => {
  const value = `"${hidden.value}",`;
  const client = {
    getSecret: async () => ({ value, properties: { version: "1", contentType: "application/json" } }),
  };
  const error: unknown = await fromAzureKeyVault({ secret: "app", client })
    .get()
    .catch((error: unknown) => error);
  expect((error as Error).message).toMatch(/content type, and is not strict JSON, at line 1, column \d+\./);
  hidden.check(error);
});
