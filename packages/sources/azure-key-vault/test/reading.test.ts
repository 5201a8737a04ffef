import { describe, expect, test } from "vitest";
import type { FromAzureKeyVaultOptions } from "../src/index.ts";
import { freshProvider, throttled } from "./support/fresh.ts";
import { overPauses } from "./support/over-pauses.ts";
import { refusal } from "./support/vault-double.ts";
import { failing, theVault } from "./support/world.ts";

const world = theVault();
const fresh = (options?: Partial<FromAzureKeyVaultOptions>) => freshProvider(world.vault, options);

describe("the cache", () => {
  test("SEC-54 a thousand callers make one read and one token", async () => {
    const { provider, reads, credential, clock } = fresh();
    const all = await overPauses(clock, Promise.all(Array.from({ length: 1_000 }, () => provider.get())));
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
    const { value, rotate, reads, clock, vault, secret } = fresh();
    const exp = Math.floor(clock.now() / 1_000) + 10;
    vault.add(secret, "short", { attributes: { exp } });
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
    vault.fault(throttled(60)); // nor when the vault fails after that
    await clock.advance(30_000);
    expect(await failing(value())).toMatchObject({ reason });
    expect(await failing(value())).toMatchObject({ reason });
    vault.fault(undefined);
    await clock.advance(60_000);
    expect(await value()).toBe("first");
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
