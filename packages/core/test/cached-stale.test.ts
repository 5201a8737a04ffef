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
    source.before = () => {
      throw down;
    };
    expect(await rejection(provider.get({ forceRefresh: true }))).toBe(down);
  }
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
