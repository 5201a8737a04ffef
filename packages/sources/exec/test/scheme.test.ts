import { isAuthError, Secret } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import { expect, test } from "vitest";
import { type CommandFormat, declaredCommands, scheme } from "../src/index.ts";
import { secretOf, world } from "./world.ts";

const { plan } = world();
const key: CommandFormat<{ type: "api-key"; key: Secret }, { prefix: string }> = {
  name: "key",
  ask: ({ prefix }) => ({ args: [prefix] }),
  read: ({ stdout }, { prefix }) =>
    Object.freeze({ type: "api-key", key: new Secret(prefix + Buffer.from(stdout).toString()) }),
};
const resolve = createResolver([
  declaredCommands({
    "billing-token": { command: plan({ stdout: "t0ken\n" }, "bare") },
    "team/billing": {
      command: plan({ stdout: '{"token":"t","a":{"username":"alice","password":"p"}}' }, "json"),
    },
    special: { command: plan({ stdout: "k" }, "special"), format: key, request: { prefix: "acme-" } },
    field: { command: plan({ stdout: '{"token":"t"}' }, "json2"), field: "token" },
  }),
]);

test("it runs the command that is declared under the name", async () => {
  const provider = resolve("exec:billing-token");
  expect(provider.name).toBe("exec billing-token");
  expect(await secretOf(provider)).toBe("t0ken");
  expect(await secretOf(resolve("exec:team/billing#/a"))).toBe("p");
  expect(await secretOf(resolve("exec:special"))).toBe("acme-k");
});

test.each([
  ["exec:other", "unknown-command", /declared; there is billing-token/],
  ["exec:/usr/bin/id", "unknown-command", /not declared/],
  ["exec:billing-token%20--help", "unknown-command", /not declared/],
  ["exec:constructor", "unknown-command", /not declared/],
  ["exec://host/billing-token", "reference", /more than a name/],
  ["exec:field#/token", "reference", /declared otherwise/],
  ["exec:special#/token", "reference", /declared otherwise/],
  ["exec:billing-token?timeout=1", "unknown-selector", /"timeout"/],
])("SEC-108 SEC-112 %s runs nothing: %s", (reference, reason, says) => {
  let error: unknown;
  try {
    resolve(reference);
  } catch (thrown) {
    error = thrown;
  }
  expect(isAuthError(error, "ERR_AUTH_INVALID") && error.reason).toBe(reason);
  expect((error as Error).message).toMatch(says);
});

test("a declaration that cannot be meant is a TypeError at once", () => {
  expect(() => declaredCommands({ a: { command: ["./helper"] } })).toThrow(/relative path/);
});

test("without declared commands it says how to declare one", () => {
  expect(() => createResolver([scheme])("exec:billing-token")).toThrow(/none is.*declaredCommands/);
});

test("it describes what is named", () => {
  expect(scheme.describe?.(parseReference("exec:billing-token"))).toBe('the command "billing-token"');
  expect(scheme.describe?.(parseReference("exec:a#/b"))).toBe('"/b" in the output of the command "a"');
});
