import { basic, createAuth, explain } from "@auth/core";
import { expect, test } from "vitest";
import { fromKeychain } from "../src/index.ts";
import { failing } from "./support/failing.ts";
import { memory } from "./support/memory.ts";

const alice = { service: "acme", account: "alice" } as const;

test("SEC-54 a thousand callers are one read, and so are all that come later", async () => {
  const keychain = memory([["acme/alice", "token"]]);
  const provider = fromKeychain({ ...alice, backend: "napi", client: keychain.napi });
  await Promise.all(Array.from({ length: 1_000 }, () => provider.get()));
  await provider.get();
  expect(keychain.reads).toBe(1);
});

test("SEC-69 what a server refuses is read once more", async () => {
  const keychain = memory([["acme/alice", "old"]]);
  const provider = fromKeychain({ ...alice, backend: "napi", client: keychain.napi, bare: "password" });
  const auth = createAuth({ grant: basic(), credentials: provider });
  const token = await auth.getToken();
  keychain.items.set("acme/alice", "new");
  auth.reject(token);
  expect((await auth.getToken()).reveal()).toBe(btoa("alice:new"));
  expect(keychain.reads).toBe(2);
});

test("ttlMs: how long it is kept", async () => {
  const keychain = memory([["acme/alice", "token"]]);
  const provider = fromKeychain({ ...alice, backend: "napi", client: keychain.napi, ttlMs: 0 });
  await provider.get();
  await provider.get();
  expect(keychain.reads).toBe(2);
});

test.each([
  ["token", { type: "access-token" }],
  ["apiKey", { type: "api-key" }],
  ["refreshToken", { type: "refresh-token" }],
  ["password", { type: "password", username: "alice" }],
  ["clientSecret", { type: "client-secret", clientId: "alice" }],
  ["privateKey", { type: "private-key", clientId: "alice" }],
] as const)("a bare text is a %s", async (bare, expected) => {
  const { napi } = memory([["acme/alice", "a bare text"]]);
  const found = await fromKeychain({ ...alice, backend: "napi", client: napi, bare }).get();
  expect(found).toMatchObject({ ...expected, source: "keychain acme/alice" });
});

test.each([
  [{}, '{"client_id":"app","client_secret":"s"}', "client-secret"],
  [{ field: "/b" }, '{"a":1,"b":{"api_key":"k"}}', "api-key"],
  [{ fields: { username: "u", password: "p" } }, '{"u":"alice","p":"p"}', "password"],
  [{ bare: "clientSecret" as const }, '{"looks":"like JSON"}', "client-secret"],
])("JSON with %o: %s", async (options, text, type) => {
  const { napi } = memory([["acme/alice", text]]);
  expect(await fromKeychain({ ...alice, backend: "napi", client: napi, ...options }).get()).toMatchObject({
    type,
  });
});

test("several services are asked in their order, up to the first that has the account", async () => {
  const keychain = memory([
    ["second/alice", "2"],
    ["third/alice", "3"],
  ]);
  const service = ["first", "second", "third"] as const;
  const provider = fromKeychain({
    ...alice,
    service,
    backend: "napi",
    client: keychain.napi,
    bare: "password",
  });
  const found = await provider.get();
  expect(found.type === "password" && found.password.reveal()).toBe("2");
  expect(keychain.reads).toBe(2);
  keychain.items.clear();
  const { message } = (await failing(provider.get({ forceRefresh: true }))) as { message: string };
  expect(message).toContain('"alice" of "first" or "second" or "third"');
});

test("a service that cannot be read is not passed over for the next", async () => {
  const keychain = memory([["second/alice", "2"]]);
  keychain.onGet = () => {
    throw new Error("unlock prompt was dismissed");
  };
  const service = ["first", "second"] as const;
  const provider = fromKeychain({ ...alice, service, backend: "napi", client: keychain.napi });
  expect(await failing(provider.get())).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "locked" });
  expect(keychain.reads).toBe(1);
});

test("what may ask a person is not asked to explain itself", async () => {
  const keychain = memory([["acme/alice", "p"]]);
  const options = { ...alice, backend: "napi", client: keychain.napi } as const;
  const asking = fromKeychain({ ...options, interactive: true });
  expect(await explain(asking)).toMatchObject({ outcome: "not-asked", reason: "interactive" });
  expect(keychain.reads).toBe(0);
  expect(await explain(fromKeychain(options))).toMatchObject({ outcome: "found" });
});

test.each([Uint8Array.of(1), 7, false])("what is there and no text is not absent: %o", async (answer) => {
  const keychain = memory();
  const client = { ...keychain.keytar, getPassword: async () => answer as never };
  const provider = fromKeychain({ ...alice, backend: "keytar", client });
  expect(await failing(provider.get())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "not-utf8" });
});
