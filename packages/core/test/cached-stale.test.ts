import { AuthError } from "@auth/core";
import { expect, test } from "vitest";
import { rejection } from "./support/outcome.ts";
import { unreachable } from "./support/token-server.ts";
import { vault } from "./support/vault.ts";

const down = unreachable();

test("staleMs serves the old value while the source is UNREACHABLE, and no longer", async () => {
  const { clock, source, provider } = vault({ staleMs: 5_000 });
  await provider.get();
  source.before = () => {
    throw down;
  };
  await clock.advance(5_999);
  expect(await provider.get()).toBe("v1");
  await clock.advance(1);
  expect(await rejection(provider.get())).toBe(down);
});

test("without staleMs nothing stale is served", async () => {
  const { clock, source, provider } = vault();
  await provider.get();
  source.before = () => {
    throw down;
  };
  await clock.advance(1_000);
  expect(await rejection(provider.get())).toBe(down);
});

test("staleMs is for UNREACHABLE only, and not for a forced read", async () => {
  for (const code of [
    "ERR_AUTH_DENIED",
    "ERR_AUTH_NOT_FOUND",
    "ERR_AUTH_INVALID",
    "ERR_AUTH_UNAVAILABLE",
  ] as const) {
    const { clock, source, provider } = vault({ staleMs: 5_000 });
    await provider.get();
    await clock.advance(1_000);
    const error = new AuthError(code, "why", "vault: why");
    source.before = () => {
      throw error;
    };
    expect(await rejection(provider.get())).toBe(error);
  }
  const { clock, source, provider } = vault({ staleMs: 5_000 });
  await provider.get();
  await clock.advance(1_000);
  source.before = () => {
    throw down;
  };
  // There is a stale value, which a plain read is served; whoever forces wants none of it.
  expect(await rejection(provider.get({ forceRefresh: true }))).toBe(down);
  expect(await provider.get()).toBe("v1");
});

test.each(["NOT_FOUND", "DENIED"] as const)(
  "L16 %s is remembered for five seconds, and forceRefresh asks",
  async (kind) => {
    const { clock, source, provider } = vault();
    const get = source.get.bind(source);
    const error = new AuthError(`ERR_AUTH_${kind}`, "why", "vault: why");
    source.get = async (options) => {
      await get(options);
      throw error;
    };
    expect(await rejection(provider.get())).toBe(error);
    await clock.advance(4_999);
    expect(await rejection(provider.get())).toBe(error);
    expect(source.reads).toHaveLength(1);
    await clock.advance(1);
    expect(await rejection(provider.get())).toBe(error);
    expect(source.reads).toHaveLength(2);
    source.get = get;
    expect(await provider.get({ forceRefresh: true })).toBe("v3");
    expect(await provider.get()).toBe("v3");
  },
);

test("L16 what is unreachable or broken is asked again at once; missMs 0 remembers nothing", async () => {
  for (const [kind, missMs] of [
    ["UNREACHABLE", 5_000],
    ["INVALID", 5_000],
    ["NOT_FOUND", 0],
  ] as const) {
    const { source, provider } = vault({ missMs });
    const get = source.get.bind(source);
    source.get = async (options) => {
      await get(options);
      throw new AuthError(`ERR_AUTH_${kind}`, "why", "vault: why");
    };
    await rejection(provider.get());
    await rejection(provider.get());
    expect(source.reads, kind).toHaveLength(2);
  }
});

test("SEC-50 a value is too old after a suspension, in which one of the clocks stands still", async () => {
  const { clock, source, provider } = vault();
  await provider.get();
  clock.shiftWall(999);
  await provider.get();
  expect(source.reads).toHaveLength(1);
  clock.shiftWall(1);
  await provider.get();
  expect(source.reads).toHaveLength(2);
});

test("a stale value that has expired is not served", async () => {
  const { clock, source, provider } = vault({ staleMs: 60_000 });
  const value = { expiresAt: new Date(clock.now() + 2_000) };
  source.get = async () => value;
  await provider.get();
  source.get = async () => {
    throw down;
  };
  await clock.advance(1_999);
  expect(await provider.get()).toBe(value);
  await clock.advance(1);
  expect(await rejection(provider.get())).toBe(down);
});
