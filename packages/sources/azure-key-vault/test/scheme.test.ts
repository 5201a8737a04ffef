import { isAuthError } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import { describe, expect, test } from "vitest";
import { scheme } from "../src/index.ts";

const resolve = createResolver([scheme]);

test.each([
  ["azure-kv://billing/db-password", "azure-kv billing.vault.azure.net/db-password"],
  ["azure-kv://billing/db-password/", "azure-kv billing.vault.azure.net/db-password"],
  ["azure-kv://billing/db/0f1e", "azure-kv billing.vault.azure.net/db/0f1e"],
  ["azure-kv://billing/db?version=0f1e", "azure-kv billing.vault.azure.net/db/0f1e"],
  ["azure-kv://billing/db/0f1e?version=0f1e&cloud=usgov", "azure-kv billing.vault.usgovcloudapi.net/db/0f1e"],
  ["azure-kv://kv.private.example:8443/db?optional=1", "azure-kv kv.private.example:8443/db"],
  ["azure-kv://billing/db?bare=apiKey&encoding=base64#/a/b", "azure-kv billing.vault.azure.net/db"],
  ["azure-kv:https://billing.vault.azure.net/secrets/db", "azure-kv billing.vault.azure.net/db"],
  ["https://billing.vault.azure.cn/secrets/db/0f1e", "azure-kv billing.vault.azure.cn/db/0f1e"],
])("%s is %s", (reference, name) => {
  expect(resolve(reference).name).toBe(name);
});

describe("refused", () => {
  test.each([
    ["azure-kv:db", "reference"],
    ["azure-kv://billing/a/b/c", "reference"],
    ["azure-kv://billing/db_password", "reference"],
    ["azure-kv://billing/db/1?version=2", "reference"],
    ["azure-kv://billing/db?cloud=mars", "reference"],
    ["azure-kv://billing/db?bare=password", "reference"],
    ["azure-kv://u@billing/db", "reference"],
    ["azure-kv:http://billing.vault.azure.net/secrets/db", "reference"],
    ["https://example.com/db", "reference"],
    ["https://billing.vault.azure.net/keys/db", "reference"],
    ["azure-kv://billing/db?stage=1", "unknown-selector"],
  ])("%s", (reference, reason) => {
    let error: unknown;
    try {
      resolve(reference);
    } catch (thrown) {
      error = thrown;
    }
    expect(isAuthError(error, "ERR_AUTH_INVALID") && error.reason).toBe(reason);
  });
});

test("it describes what is named", () => {
  const say = (text: string) => scheme.describe?.(parseReference(text));
  expect(say("azure-kv://billing/db")).toBe("the secret db of the vault billing");
  expect(say("azure-kv:db%E2%80%AE")).toBe("the secret db\ufffd");
  expect(say("https://billing.vault.azure.net/secrets/db#/password")).toBe(
    '"/password" in the secret https://billing.vault.azure.net/secrets/db',
  );
});
