import { AuthError, cached, type Provider } from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { expect, test } from "vitest";
import { gate } from "./support/gate.ts";
import { rejection, short, thrownBy } from "./support/outcome.ts";
import { unreachable } from "./support/token-server.ts";
import { vault } from "./support/vault.ts";

const down = unreachable();

test("serves what it read until ttlMs have passed", async () => {
  const { clock, source, provider } = vault();
  expect(await provider.get()).toBe("v1");
  await clock.advance(999);
  expect(await provider.get()).toBe("v1");
  await clock.advance(1);
  expect(await provider.get()).toBe("v2");
  expect(source.reads).toEqual([undefined, undefined]);
});

test("a wall clock that moves back or forth does not move the ttl", async () => {
  const { clock, provider } = vault();
  await provider.get();
  clock.shiftWall(-86_400_000);
  await clock.advance(1_000);
  expect(await provider.get()).toBe("v2");
});

test("a value's own expiry ends it earlier", async () => {
  const { clock, source, provider } = vault();
  const expiresAt = new Date(clock.now() + 500);
  source.get = async () => {
    source.reads.push(undefined);
    return { n: source.reads.length, expiresAt };
  };
  await provider.get();
  await clock.advance(499);
  expect(await provider.get()).toMatchObject({ n: 1 });
  await clock.advance(1);
  expect(await provider.get()).toMatchObject({ n: 2 });
});

test("ttlMs 0 reads every time", async () => {
  const { provider } = vault({ ttlMs: 0 });
  expect([await provider.get(), await provider.get()]).toEqual(["v1", "v2"]);
});

test("SEC-54 concurrent callers share one read, its value or its failure, which is then forgotten", async () => {
  const { source, provider } = vault();
  source.before = () => {
    throw down;
  };
  const errors = await Promise.all(Array.from({ length: 100 }, () => rejection(provider.get())));
  expect(new Set(errors)).toEqual(new Set([down]));
  expect(source.reads).toHaveLength(1);
  source.before = () => {};
  const values = await Promise.all(Array.from({ length: 100 }, () => provider.get()));
  expect(new Set(values)).toEqual(new Set(["v2"]));
});

test("SEC-54 two instances over one source share nothing", async () => {
  const { source, provider, clock } = vault();
  const other = cached(source as Provider<unknown>, { ttlMs: 1_000, clock });
  expect(await Promise.all([provider.get(), other.get()])).toEqual(["v1", "v2"]);
});

test("forceRefresh reads past the cache, and past the caches below", async () => {
  const { source, provider } = vault();
  await provider.get();
  expect(await provider.get({ forceRefresh: true })).toBe("v2");
  expect(source.reads).toEqual([undefined, true]);
  expect(await provider.get()).toBe("v2");
});

test.each([
  ["NOT_FOUND", "no-secret", 3],
  ["DENIED", "permission-denied", 3],
  ["UNREACHABLE", "network", 2],
] as const)("SEC-69 after a forced read that failed with %s/%s: %i reads", async (kind, reason, reads) => {
  const { clock, source, provider } = vault();
  await provider.get();
  const get = source.get.bind(source);
  source.get = async () => {
    source.reads.push(true);
    throw new AuthError(`ERR_AUTH_${kind}`, reason, "vault: no");
  };
  expect(short(await rejection(provider.get({ forceRefresh: true })))).toBe(`${kind}/${reason}`);
  source.get = get;
  // What is gone or forbidden is not served from memory; what cannot be reached may still be as it was.
  if (kind !== "UNREACHABLE") await clock.advance(5_000); // L16
  await provider.get();
  expect(source.reads).toHaveLength(reads);
});

test("SEC-54 a forced read does not join an older plain one; whoever comes then joins the forced one", async () => {
  const { source, provider } = vault();
  const slow = gate();
  source.before = () => slow.pass();
  const plain = provider.get();
  const forced = provider.get({ forceRefresh: true });
  const later = provider.get();
  await slow.arrived(2);
  slow.open();
  expect(await Promise.all([plain, forced, later])).toEqual(["v1", "v2", "v2"]);
  expect(source.reads).toEqual([undefined, true]);
});

test("SEC-54 an older, slower read never replaces what a forced one brought", async () => {
  const { source, provider } = vault();
  const slow = gate();
  source.before = () => (source.reads.length === 1 ? slow.pass() : undefined);
  const plain = provider.get();
  await slow.arrived();
  await provider.get({ forceRefresh: true });
  slow.open();
  expect(await plain).toBe("v1");
  expect(await provider.get()).toBe("v2");
  expect(source.reads).toHaveLength(2);
});

test("SEC-54 an older read's failure clears no newer flight", async () => {
  const { source, provider } = vault({ ttlMs: 0 });
  const gates = [gate(), gate()];
  source.before = async () => {
    const mine = gates[source.reads.length - 1];
    await mine?.pass();
    if (mine === gates[0]) throw down;
  };
  const plain = rejection(provider.get());
  await gates[0]?.arrived();
  const forced = provider.get({ forceRefresh: true });
  await gates[1]?.arrived();
  gates[0]?.open();
  await plain;
  const joined = provider.get();
  gates[1]?.open();
  expect(await joined).toBe(await forced);
  expect(source.reads).toHaveLength(2);
});

test("SEC-28 one caller's abort ends that caller's wait only", async () => {
  const { source, provider } = vault();
  const slow = gate();
  source.before = () => slow.pass();
  const controller = new AbortController();
  const leaving = rejection(provider.get({ signal: controller.signal }));
  const staying = provider.get();
  controller.abort("enough");
  expect(await leaving).toBe("enough");
  slow.open();
  expect(await staying).toBe("v1");
  expect(await provider.get()).toBe("v1");
  expect(await rejection(provider.get({ signal: AbortSignal.abort("before") }))).toBe("before");
});

test("SEC-117 whatever the source throws is wrapped", async () => {
  const { value, check } = canary("cached");
  const { source, provider } = vault();
  for (const thrown of [new Error(value), value, undefined]) {
    source.get = () => {
      throw thrown;
    };
    const error = await rejection(provider.get());
    expect(short(error)).toBe("INVALID/unexpected-failure");
    check(error);
  }
});

test("it is named like its source, and asks a person if that does", async () => {
  const { provider } = vault();
  expect(provider.name).toBe("vault");
  expect(provider.interactive).toBe(false);
  const prompt = { name: "prompt", interactive: true, get: async () => "x" };
  expect(cached(prompt, { ttlMs: 1 }).interactive).toBe(true);
});

test("SEC-1 what it keeps cannot be seen", async () => {
  const { value, check } = canary("cached");
  const provider = cached({ name: "vault", get: async () => value }, { ttlMs: 1_000, clock: fakeClock() });
  await provider.get();
  check(provider);
});

test("disposing lets go of the value and disposes the source", async () => {
  const { source, clock } = vault();
  let disposed = 0;
  const provider = cached(
    { ...source, [Symbol.asyncDispose]: async () => void disposed++ } as Provider<unknown>,
    {
      ttlMs: 1_000,
      clock,
    },
  );
  await provider.get();
  await provider[Symbol.asyncDispose]?.();
  expect(disposed).toBe(1);
  await provider.get();
  expect(source.reads).toHaveLength(2);
});

test("wrong times are TypeErrors", () => {
  const source = { name: "x", get: async () => "x" };
  for (const wrong of [
    { ttlMs: -1 },
    { ttlMs: Number.NaN },
    {},
    { ttlMs: 1, staleMs: -1 },
    { ttlMs: 1, staleMs: Number.NaN },
  ])
    expect(thrownBy(() => cached(source, wrong as never))).toBeInstanceOf(TypeError);
});

test("what is still being read while it is disposed of is not kept", async () => {
  const { source, provider } = vault();
  const slow = gate();
  source.before = () => (source.reads.length === 1 ? slow.pass() : undefined);
  const reading = provider.get();
  await slow.arrived();
  await provider[Symbol.asyncDispose]?.();
  slow.open();
  expect(await reading).toBe("v1");
  expect(await provider.get()).toBe("v2");
});
