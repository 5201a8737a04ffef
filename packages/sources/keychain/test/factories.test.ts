import { isAuthError } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import { sideEffects } from "@auth/testkit";
import type * as Napi from "@napi-rs/keyring";
import { describe, expect, expectTypeOf, test } from "vitest";
import { fromKeychain, keychainStore, type NapiKeyring, scheme } from "../src/index.ts";
import { memory } from "./support/memory.ts";

const alice = { service: "acme", account: "alice" } as const;
const { napi, keytar } = memory();

test("SEC-136 making a source or a store touches nothing", async () => {
  const made: string[] = [];
  const effects = await sideEffects(() => {
    made.push(fromKeychain(alice).name, fromKeychain({ ...alice, migrateFrom: "keytar" }).name);
    made.push(keychainStore().name, keychainStore({ backend: "keytar", client: keytar }).name);
  });
  expect(effects).toEqual([]);
  expect(made).toEqual(["keychain acme/alice", "keychain acme/alice", "keychain auth", "keychain auth"]);
});

test("the module itself fits", () => {
  expectTypeOf<typeof Napi>().toExtend<NapiKeyring>();
});

test("a source asks a person only if it may", () => {
  expect(fromKeychain(alice).interactive).toBe(false);
  expect(fromKeychain({ ...alice, interactive: true }).interactive).toBe(true);
});

describe("wrong arguments are TypeErrors", () => {
  const source = (options: object) => () => fromKeychain({ ...alice, ...options } as never);
  const store = (options: object) => () => keychainStore(options as never);
  test.each<[string, () => unknown]>([
    ["no service", source({ service: undefined })],
    ["an empty service", source({ service: " " })],
    ["a service with a zero byte", source({ service: "a\0b" })],
    ["no services", source({ service: [] })],
    ["a service that is no name among others", source({ service: ["acme", ""] })],
    ["no account", source({ account: undefined })],
    ["an account with a line break", source({ account: "alice\n" })],
    ["an account that is no text", source({ account: "\ud800" })],
    ["another meaning", source({ bare: "secret" })],
    ["a field and fields", source({ field: "a", fields: {} })],
    ["a field of a password", source({ bare: "password", field: "a" })],
    ["fields of a private key", source({ bare: "privateKey", fields: {} })],
    ["another backend", source({ backend: "keyutils" })],
    ["a client of no backend", source({ client: keytar })],
    ["a client of another backend", source({ backend: "napi", client: keytar })],
    ["a client of another backend", source({ backend: "keytar", client: napi })],
    ["a client that is none", source({ backend: "keytar", client: {} })],
    ["another store", source({ store: "file" })],
    ["a store of keytar", source({ backend: "keytar", store: "keyutils" })],
    ["a time of nothing", source({ timeoutMs: 0 })],
    ["a time that is none", source({ timeoutMs: Number.NaN })],
    ["a person that is none", source({ interactive: "yes" })],
    ["a time to live before now", source({ ttlMs: -1 })],
    ["a migration from itself", source({ backend: "keytar", migrateFrom: "keytar" })],
    ["a migration from elsewhere", source({ migrateFrom: "keyring" })],
    ["a deletion of what is not migrated", source({ deleteOld: true })],
    ["a store without a service", store({ service: "" })],
    ["a lock that is none", store({ lock: {} })],
    ["items that are too short", store({ maxItemLength: 511 })],
    ["items of no length", store({ maxItemLength: Number.NaN })],
    ["a store with a client of no backend", store({ client: napi })],
  ])("%s", (_, make) => {
    expect(make).toThrow(TypeError);
  });
});

describe("a reference", () => {
  const resolve = createResolver([scheme]);

  test.each([
    ["keychain://billing-api/alice", "keychain billing-api/alice"],
    ["keyring://billing-api/alice", "keychain billing-api/alice"],
    ["keychain://https%3A%2F%2Facme.example/alice", "keychain https://acme.example/alice"],
    ["keychain://acme/team/alice%40acme.example", "keychain acme/team/alice@acme.example"],
    ["keychain://acme/alice?backend=napi&bare=apiKey&store=keyutils&optional=1#/key", "keychain acme/alice"],
  ])("%s is %s", (reference, name) => {
    expect(resolve(reference).name).toBe(name);
  });

  test.each([
    "keychain:acme",
    "keychain:acme/alice",
    "keychain://acme",
    "keychain://acme/alice?bare=secret",
    "keychain://acme/alice?bare=password#a",
    "keychain://acme/alice?backend=auto",
    "keychain://acme/alice?store=file",
    "keychain://acme/alice?backend=keytar&store=keyutils",
  ])("%s is none", (reference) => {
    let error: unknown;
    try {
      resolve(reference);
    } catch (thrown) {
      error = thrown;
    }
    expect(isAuthError(error, "ERR_AUTH_INVALID") && error.reason).toBe("reference");
  });

  test("is described", () => {
    const say = (text: string) => scheme.describe?.(parseReference(text));
    expect(say("keychain://acme/alice")).toBe('the entry "alice" of "acme" in the keychain');
    expect(say("keychain://acme/alice#/token")).toBe(
      '"/token" in the entry "alice" of "acme" in the keychain',
    );
  });
});
