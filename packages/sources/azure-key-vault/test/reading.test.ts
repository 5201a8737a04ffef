import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { type AzureKeyVaultWarning, type FromAzureKeyVaultOptions, fromAzureKeyVault } from "../src/index.ts";
import { refusal } from "./support/vault-double.ts";
import { failing, secretOf, theVault } from "./support/world.ts";

const world = theVault();
let names = 0;

/** A provider of a secret of its own, on a clock that stands still. */
function fresh(options: Partial<FromAzureKeyVaultOptions> = {}) {
  const { vault } = world;
  const secret = `reading-${++names}`;
  vault.fault(undefined);
  vault.add(secret, "first");
  const clock = fakeClock();
  const credential = vault.credential();
  const warnings: AzureKeyVaultWarning[] = [];
  const provider = fromAzureKeyVault({
    vault: vault.url,
    secret,
    clock,
    credential,
    onWarning: (warning) => warnings.push(warning),
    ...options,
  });
  const before = vault.reads();
  return {
    vault,
    clock,
    credential,
    provider,
    warnings,
    rotate: (value: string) => vault.add(secret, value),
    value: async (forceRefresh = false) => secretOf(await clock.until(provider.get({ forceRefresh }))),
    reads: () => vault.reads() - before,
  };
}

const throttled = (seconds?: number | string) => ({
  ...refusal(429, "Throttled"),
  ...(seconds !== undefined && { headers: { "retry-after": `${seconds}` } }),
});

describe("the cache", () => {
  test("SEC-54 a thousand callers make one read and one token", async () => {
    const { provider, reads, credential, clock } = fresh();
    const all = await clock.until(Promise.all(Array.from({ length: 1_000 }, () => provider.get())));
    expect(new Set(all).size).toBe(1);
    expect([reads(), credential.calls]).toEqual([1, 1]);
  });

  test("keeps a secret for five minutes less up to a tenth, and no longer", async () => {
    const { value, rotate, reads, clock } = fresh(); // the clock draws 0.5: a twentieth
    await value();
    rotate("second");
    await clock.advance(284_999);
    expect([await value(), reads()]).toEqual(["first", 1]);
    await clock.advance(1);
    expect([await value(), reads()]).toEqual(["second", 2]);
  });

  test("forceRefresh reads at once, and what it brings is kept", async () => {
    const { value, rotate, reads } = fresh();
    await value();
    rotate("second");
    expect([await value(true), await value(), reads()]).toEqual(["second", "second", 2]);
  });

  test("ttlMs: 0 keeps nothing", async () => {
    const { value, reads } = fresh({ ttlMs: 0 });
    await value();
    await value();
    expect(reads()).toBe(2);
  });

  test("never outlives the vault's own date", async () => {
    const { value, rotate, reads, clock, vault } = fresh();
    const exp = Math.floor(clock.now() / 1_000) + 10;
    vault.add(`reading-${names}`, "short", { attributes: { exp } });
    expect(await value()).toBe("short");
    rotate("next");
    await clock.advance(10_000);
    expect([await value(), reads()]).toEqual(["next", 2]);
  });
});

describe("a vault that fails", () => {
  test.each([
    ["throttling", throttled()],
    ["a failing server", refusal(500, "InternalServerError")],
    ["no connection", "reset" as const],
  ])(
    "%s: the old secret is served, asked for once in thirty seconds, with one warning",
    async (_what, fault) => {
      const { value, rotate, reads, clock, vault, warnings } = fresh();
      await value();
      rotate("second");
      vault.fault(fault);
      await clock.advance(300_000);
      for (let call = 0; call < 3; call++) expect(await value()).toBe("first");
      expect(reads()).toBe(2); // nobody waits for a second attempt while there is something to serve
      expect(warnings).toEqual([
        {
          reason: "serving-stale",
          message: expect.stringMatching(/Until then the value read before is served/),
        },
      ]);
      await clock.advance(29_999);
      expect([await value(), reads()]).toEqual(["first", 2]);
      vault.fault(undefined);
      await clock.advance(1);
      expect([await value(), reads()]).toEqual(["second", 3]);
      vault.fault(fault);
      await clock.advance(300_000);
      await value();
      expect(warnings).toHaveLength(2); // the next outage is news again
    },
  );

  test.each([
    ["forbidden", refusal(403, "Forbidden", "no", "ForbiddenByRbac"), "no-role"],
    ["disabled", refusal(403, "Forbidden", "no", "SecretDisabled"), "secret-disabled"],
    ["deleted", refusal(404, "SecretNotFound"), "no-secret"],
  ])("%s: nothing old is served", async (_what, fault, reason) => {
    const { value, clock, vault } = fresh();
    await value();
    vault.fault(fault);
    await clock.advance(300_000);
    expect(await failing(value())).toMatchObject({ reason });
  });

  test("the old secret is served for an hour, and not for longer", async () => {
    const { value, clock, vault } = fresh();
    await value();
    vault.fault("reset");
    await clock.advance(284_000 + 3_600_000);
    expect(await value()).toBe("first");
    await clock.advance(31_000);
    expect(await failing(value())).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "network" });
  });

  test("forceRefresh is not answered with an old secret", async () => {
    const { value, vault } = fresh();
    await value();
    vault.fault(refusal(500, "InternalServerError"));
    expect(await failing(value(true))).toMatchObject({ reason: "server-error" });
  });

  test("a first read is tried three times, with pauses", async () => {
    const { value, reads, clock, vault } = fresh();
    vault.fault("reset", 2);
    const start = clock.monotonic();
    expect([await value(), reads()]).toEqual(["first", 3]);
    expect(clock.monotonic() - start).toBe(200 + 400); // half of 400 and of 800, as this clock draws
  });
});

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
    vault.fault(throttled(90));
    const start = clock.monotonic();
    expect(await failing(value())).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "rate-limited",
      retryAfterMs: 90_000,
    });
    expect(clock.monotonic()).toBe(start);
    await clock.advance(80_000);
    expect(await failing(value())).toMatchObject({ reason: "rate-limited", retryAfterMs: 10_000 });
    expect(await failing(value(true))).toMatchObject({ reason: "rate-limited", retryAfterMs: 10_000 });
    expect(reads()).toBe(1);
    vault.fault(undefined);
    await clock.advance(10_000);
    expect([await value(), reads()]).toEqual(["first", 2]);
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
    const { value, clock } = fresh({ credential: { getToken: () => new Promise(() => {}) } });
    const start = clock.monotonic();
    expect(await failing(value())).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
    expect(clock.monotonic() - start).toBe(60_000);
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
