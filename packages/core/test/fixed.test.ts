import { AccessToken, fixed, type Provider, Secret } from "@auth/core";
import { expect, expectTypeOf, test } from "vitest";
import { rejection } from "./support/outcome.ts";

test("gives the value it was made of, under its name", async () => {
  const key = new Secret("k");
  const provider = fixed({ type: "api-key", key, account: "alice" }, "from the vault of my tests");
  expect(provider.name).toBe("from the vault of my tests");
  expect(await provider.get()).toEqual({ type: "api-key", key, account: "alice" });
  expect(fixed({ type: "api-key", key }).name).toBe("fixed");
});

test("the result is read-only, and later changes of the original do not show", async () => {
  const original = { type: "api-key" as const, key: new Secret("k"), account: "alice" };
  const provider = fixed(original);
  original.account = "mallory";
  const value = await provider.get();
  expect(value.account).toBe("alice");
  expect(Object.isFrozen(value)).toBe(true);
  expect(Object.isFrozen(original)).toBe(false);
});

test("values that are more than their properties stay what they are", async () => {
  expect((await fixed(new Secret("s")).get()).reveal()).toBe("s");
  expect((await fixed(new AccessToken("t")).get()).reveal()).toBe("t");
  expect(await fixed("text").get()).toBe("text");
  expect(await fixed([1, 2]).get()).toEqual([1, 2]);
  expect(await fixed(null).get()).toBeNull();
  expect((await fixed(new Map([["a", 1]])).get()).get("a")).toBe(1);
});

test("an aborted signal rejects with its reason", async () => {
  const reason = new Error("stop");
  expect(await rejection(fixed("x").get({ signal: AbortSignal.abort(reason) }))).toBe(reason);
});

test("a credential in a variable is a provider of credentials", () => {
  const provider = fixed({ type: "password", username: "alice", password: new Secret("pw") });
  expectTypeOf(provider).toExtend<Provider>();
  expectTypeOf(fixed({ AccessKeyId: "x" })).toExtend<Provider<{ AccessKeyId: string }>>();
});
