import { describe, expect, test } from "vitest";
import type { FromAzureKeyVaultOptions } from "../src/index.ts";
import { freshProvider, throttled } from "./support/fresh.ts";
import { refusal } from "./support/vault-double.ts";
import { failing, theVault } from "./support/world.ts";

const world = theVault();
const fresh = (options?: Partial<FromAzureKeyVaultOptions>) => freshProvider(world.vault, options);

describe("Retry-After", () => {
  test.each([
    [30, 30_000],
    ["Thu, 01 Jan 2026 00:00:20 GMT", 20_000],
    [0, 200],
    ["soon", 200],
  ])("%s is waited for", async (header, waited) => {
    const { value, reads, clock, vault } = fresh();
    vault.fault(throttled(header), 1);
    const start = clock.monotonic();
    expect([await value(), reads()]).toEqual(["first", 2]);
    expect(clock.monotonic() - start).toBe(waited);
  });

  test("in ms, in Azure's own header", async () => {
    const { value, clock, vault } = fresh();
    vault.fault({ ...refusal(429, "Throttled"), headers: { "x-ms-retry-after-ms": "1500" } }, 1);
    const start = clock.monotonic();
    await value();
    expect(clock.monotonic() - start).toBe(1_500);
  });

  test("longer than thirty seconds fails at once, and is kept to: no request before, forced or not", async () => {
    const { value, reads, clock, vault } = fresh();
    vault.fault(throttled(45));
    const start = clock.monotonic();
    expect(await failing(value())).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "rate-limited",
      retryAfterMs: 45_000,
    });
    expect(clock.monotonic()).toBe(start);
    await clock.advance(35_000);
    expect(await failing(value())).toMatchObject({ reason: "rate-limited", retryAfterMs: 10_000 });
    expect(await failing(value(true))).toMatchObject({ reason: "rate-limited", retryAfterMs: 10_000 });
    expect(reads()).toBe(1);
    vault.fault(undefined);
    await clock.advance(10_000);
    expect([await value(), reads()]).toEqual(["first", 2]);
  });

  test("is not waited for past the minute that a call may take", async () => {
    const { value, reads, clock, vault } = fresh();
    vault.fault(throttled(30));
    const start = clock.monotonic();
    expect(await failing(value())).toMatchObject({ reason: "rate-limited", retryAfterMs: 30_000 });
    expect([clock.monotonic() - start, reads()]).toEqual([30_000, 2]);
  });

  test("is shown as an hour at most", async () => {
    const { value, vault } = fresh();
    vault.fault(throttled(999_999));
    expect(await failing(value())).toMatchObject({ retryAfterMs: 3_600_000 });
  });

  test("nobody waits for it while there is something to serve", async () => {
    const { value, reads, clock, vault } = fresh();
    await value();
    vault.fault(throttled(20));
    await clock.advance(300_000);
    const start = clock.monotonic();
    expect([await value(), await value()]).toEqual(["first", "first"]);
    expect([clock.monotonic() - start, reads()]).toEqual([0, 2]);
  });
});

describe("a token that the vault refuses in the middle of its life", () => {
  test("is replaced, and the caller notices nothing", async () => {
    const { value, reads, vault, credential, rotate } = fresh();
    await value();
    vault.refuseTokens();
    rotate("second");
    expect(await value(true)).toBe("second");
    expect(credential.calls).toBe(2);
    expect(reads()).toBe(2);
    await value(true);
    expect(credential.calls).toBe(2); // the new one is kept
  });

  test("by a credential that has no other: denied, after two requests for a token", async () => {
    const { vault } = world;
    let calls = 0;
    const { value, vault: its } = fresh({
      credential: {
        getToken: async () => {
          calls++;
          return { token: "stubborn", expiresOnTimestamp: Date.now() + 3_600_000 };
        },
      },
    });
    expect(its).toBe(vault);
    expect(await failing(value())).toMatchObject({
      code: "ERR_AUTH_DENIED",
      reason: "token-refused",
      status: 401,
    });
    expect(calls).toBe(2);
  });

  test("by a credential that cannot be asked for a newer one: denied, and not as if nobody were signed in", async () => {
    const { vault } = world;
    const kept = vault.credential();
    const { value } = fresh({
      credential: {
        getToken: async (scopes, options) => {
          if (options?.claims === undefined) return kept.getToken(scopes);
          throw Object.assign(new Error("run az login"), { name: "CredentialUnavailableError" });
        },
      },
    });
    await value();
    vault.refuseTokens();
    expect(await failing(value(true))).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "token-refused" });
  });
});

describe("time and life", () => {
  test("a credential that never answers ends after a minute", async () => {
    const { provider, clock } = fresh({ credential: { getToken: () => new Promise(() => {}) } });
    const outcome = failing(provider);
    await clock.sleeping();
    await clock.advance(59_999);
    expect(clock.pending).toHaveLength(1);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
    expect(clock.pending).toEqual([]);
  });

  test("disposing ends what is under way; the next read begins anew", async () => {
    const { provider, vault, value, clock } = fresh();
    vault.fault("hang");
    const work = provider.get();
    const outcome = failing(work);
    await clock.sleeping();
    await provider[Symbol.asyncDispose]?.();
    expect(await outcome).toMatchObject({ code: "ERR_AUTH_UNAVAILABLE", reason: "disposed" });
    expect(clock.pending).toEqual([]);
    vault.fault(undefined);
    expect(await value()).toBe("first");
  });
});
