import { type AuthOptions, createAuth, fixed, type Grant, memoryStore, Secret } from "@auth/core";
import { sideEffects } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { rejection, thrownBy } from "./support/outcome.ts";
import { testStore } from "./support/test-store.ts";
import { world } from "./support/world.ts";

const exchange = (): Promise<never> => Promise.reject(new Error("not used"));
const grant: Grant = { name: "acme", accepts: ["password"], partition: () => "acme", exchange };
const credentials = fixed({ type: "password", username: "u", password: new Secret("p") } as const);
const refusal = (options: unknown): string => {
  const error = thrownBy(() => createAuth(options as AuthOptions));
  expect(error).toBeInstanceOf(TypeError);
  return (error as Error).message;
};

describe("TypeError for", () => {
  test.each([
    ["nothing", undefined],
    ["no grant", { credentials }],
    ["a grant that cannot exchange", { grant: { name: "x", partition: () => "x" }, credentials }],
    ["a grant that cannot say whose login it is", { grant: { name: "x", exchange }, credentials }],
    ["a grant without a name", { grant: { ...grant, name: "" }, credentials }],
    ["a source that cannot be read", { grant, credentials: { name: "x" } }],
    ["an empty name", { grant, credentials, name: "" }],
    ["a grant that needs a credential, with neither a source nor a store", { grant }],
  ])("%s", (_, options) => {
    refusal(options);
  });

  test.each([
    { timeoutMs: -1 },
    { timeoutMs: Number.NaN },
    { refreshAheadMs: -1 },
    { minTtlMs: Number.NaN },
    { retryGapMs: -5 },
    { lockWaitMs: Number.NaN },
    { keepAliveWindow: { fromMs: -1, toMs: 0 } },
    { keepAliveWindow: { fromMs: Number.NaN, toMs: 0 } },
    { keepAliveWindow: { fromMs: 1, toMs: 2 } },
  ])("policy %j, given by the app or by the grant", (policy) => {
    const name = new RegExp(`${Object.keys(policy)[0]}|fromMs`);
    expect(refusal({ grant, credentials, policy })).toMatch(name);
    expect(refusal({ grant: { ...grant, policy }, credentials })).toMatch(name);
  });
});

test("a grant that needs no credential, or a store that a login has filled, is enough", () => {
  expect(createAuth({ grant: { ...grant, accepts: [] } }).name).toBe("acme");
  expect(createAuth({ grant, store: memoryStore() }).name).toBe("acme");
});

test("a grant that refreshes or keeps alive refuses a store without a lock, and names the way out", () => {
  const { withLock: _, ...store } = memoryStore();
  for (const more of [{ refresh: exchange }, { keepAlive: exchange }])
    expect(refusal({ grant: { ...grant, ...more }, credentials, store })).toContain("locked(");
  createAuth({ grant, credentials, store });
});

test("its name is the app's, else the grant's", () => {
  expect(createAuth({ grant, credentials }).name).toBe("acme");
  expect(createAuth({ grant, credentials, name: "work" }).name).toBe("work");
});

test("the app's policy wins over the grant's, limit by limit", async () => {
  const here = world();
  const policy = { timeoutMs: 1_000, lockWaitMs: 1_000 };
  const auth = here.auth({ grant: here.server.grant({ policy }), policy: { timeoutMs: 5_000 } });
  here.server.before = () => new Promise(() => {});
  const waiting = rejection(auth.getToken());
  await here.clock.sleeping();
  await here.clock.advance(4_999);
  expect(here.clock.pending).toHaveLength(1);
  await here.clock.advance(1);
  expect(await waiting).toMatchObject({ reason: "timeout" });
});

test("the factory does nothing: no read, no request, no timer, no listener", async () => {
  const here = world();
  const store = testStore(here.clock);
  const effects = await sideEffects(() => {
    here.auth({ store, policy: { renewWhenIdle: true } });
    createAuth({ grant, credentials });
  });
  expect(effects).toEqual([]);
  expect(store.log).toEqual([]);
  expect(here.credentials.reads).toEqual([]);
  expect(here.server.log).toEqual([]);
  expect(here.clock.pending).toEqual([]);
});

test("peek starts no work", async () => {
  const here = world();
  const auth = here.auth();
  expect(auth.peek()).toBeUndefined();
  await here.clock.advance(0);
  expect(here.server.log).toEqual([]);
  expect(here.store.log).toEqual([]);
});
