import { Secret } from "@auth/core";
import { canary, sideEffects } from "@auth/testkit";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import { type EncryptionOptions, redisStore } from "../src/index.ts";

const client = createClient();
const key = new Secret("a".repeat(64));

test("SEC-136 making a store touches nothing", async () => {
  const made: unknown[] = [];
  const effects = await sideEffects(() => {
    made.push(redisStore({ client }), redisStore({ client, prefix: "acme:", encryption: { key } }));
  });
  expect(effects).toEqual([]);
  expect(made).toHaveLength(2);
});

test("what is no object of options is told so", () => {
  for (const nonsense of [undefined, null, "redis://localhost"])
    expect(() => redisStore(nonsense as never)).toThrow("redisStore: it takes an object of options");
});

describe("wrong arguments are TypeErrors", () => {
  const aes = (length: number, ...usages: ("encrypt" | "decrypt")[]) =>
    crypto.subtle.generateKey({ name: "AES-GCM", length }, false, usages);
  const encrypted = (encryption: Partial<EncryptionOptions>) => () =>
    redisStore({ client, encryption: encryption as never });

  test.each<[string, () => unknown]>([
    ["no client", () => redisStore({} as never)],
    ["a client of another kind", () => redisStore({ client: { get: () => {} } as never })],
    [
      "a client of sentinels",
      () => redisStore({ client: { sendCommand() {}, getSentinelNode() {} } as never }),
    ],
    [
      "a client that changes names",
      () => redisStore({ client: new Redis({ lazyConnect: true, keyPrefix: "a:" }) }),
    ],
    ["an empty prefix", () => redisStore({ client, prefix: "" })],
    ["a prefix with braces", () => redisStore({ client, prefix: "{a}" })],
    ["a prefix with blanks", () => redisStore({ client, prefix: "a b" })],
    ["a prefix that is no text", () => redisStore({ client, prefix: 1 as never })],
    ["a long prefix", () => redisStore({ client, prefix: "a".repeat(65) })],
    ["times that contradict each other", () => redisStore({ client, heartbeatMs: 1_000, staleMs: 1_500 })],
    [
      "a stale time longer than the sent one",
      () => redisStore({ client, staleMs: 9_000_000, sentStaleMs: 1 }),
    ],
    ["a time limit of nothing", () => redisStore({ client, commandTimeoutMs: 0 })],
    ["no time", () => redisStore({ client, commandTimeoutMs: Number.NaN })],
    ["no key", encrypted({})],
    ["a key as plain text", encrypted({ key: "a".repeat(64) as never })],
    ["a short key", encrypted({ key: new Secret("a".repeat(62)) })],
    ["a passphrase", encrypted({ key: new Secret("correct horse battery staple") })],
    ["a former key of another kind", encrypted({ key, previousKeys: [new Secret("a")] })],
  ])("%s", (_, make) => {
    expect(make).toThrow(TypeError);
  });

  test("a CryptoKey that does not fit", async () => {
    for (const each of [await aes(128, "encrypt", "decrypt"), await aes(256, "encrypt")])
      expect(encrypted({ key: each })).toThrow(TypeError);
    expect(encrypted({ key: await aes(256, "encrypt", "decrypt") })).not.toThrow();
  });

  test("SEC-1 a key that is refused is not quoted", () => {
    const secret = canary("key");
    let thrown: unknown;
    try {
      redisStore({ client, encryption: { key: new Secret(secret.value) } });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    secret.check(thrown);
  });

  test("undefined is as good as nothing", () => {
    const nothing = { prefix: undefined, encryption: undefined, heartbeatMs: undefined, clock: undefined };
    expect(redisStore({ client, ...nothing }).name).toBe("redis auth:");
  });
});
