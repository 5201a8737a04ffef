import * as core from "@auth/core";
import * as debug from "@auth/core/debug";
import * as standard from "@auth/core/default";
import * as payload from "@auth/core/payload";
import * as resolver from "@auth/core/resolver";
import { expect, test } from "vitest";

test("what this package exports: nothing disappears by accident, and nothing appears", () => {
  expect(Object.keys(core).sort()).toEqual([
    "AccessToken",
    "AuthError",
    "Secret",
    "apiKey",
    "basic",
    "bearer",
    "cached",
    "chain",
    "createAuth",
    "decide",
    "decodeRecord",
    "encodeRecord",
    "explain",
    "fixed",
    "fromAuth",
    "isAuthError",
    "locked",
    "memoryStore",
    "systemClock",
    "toAuthError",
  ]);
  expect(Object.keys(debug)).toEqual(["showForeignWords"]);
  expect(Object.keys(standard).sort()).toEqual(["getDefaultAuth", "setDefaultAuth"]);
  expect(Object.keys(payload).sort()).toEqual(["credentialFrom", "parseJson", "parsePayload"]);
  expect(Object.keys(resolver).sort()).toEqual(["createResolver", "formatReference", "parseReference"]);
});
