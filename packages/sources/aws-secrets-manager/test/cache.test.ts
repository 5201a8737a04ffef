import { canary, fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import {
  type FromAwsSecretsManagerOptions,
  fromAwsSecretsManager,
  type SecretWarning,
} from "../src/index.ts";
import type { Fault } from "./support/aws-front.ts";
import { failing, secretOf, unhurried } from "./support/outcome.ts";
import { describeStores } from "./support/world.ts";

const minute = 60_000;

describeStores("what is kept", (world) => {
  async function begin(options: Partial<FromAwsSecretsManagerOptions> = {}, random = 0.5) {
    const clock = fakeClock({ random });
    const secret = await world().create("first");
    const provider = fromAwsSecretsManager({ secretId: secret, clock, ...options });
    const look = async () => secretOf(await unhurried(clock, provider.get()));
    expect(await look()).toBe("first");
    await world().put(secret, "second");
    return {
      clock,
      secret,
      provider,
      look,
      async [Symbol.asyncDispose]() {
        await provider[Symbol.asyncDispose]?.();
      },
    };
  }

  test("a secret is read again after five minutes", async () => {
    await using it = await begin();
    await it.clock.advance(5 * minute - 1);
    expect(await it.look()).toBe("first");
    await it.clock.advance(1);
    expect(await it.look()).toBe("second");
    expect(world().front.reads()).toBe(2);
  });

  test.each([
    [0, 4.5],
    [0.999_999, 5.5],
  ])("providers differ by up to a tenth: chance %f reads after %f minutes", async (random, minutes) => {
    await using it = await begin({}, random);
    await it.clock.advance(minutes * minute - 1);
    expect(await it.look()).toBe("first");
    await it.clock.advance(1);
    expect(await it.look()).toBe("second");
  });

  test("`ttlMs` is another time, and 0 keeps nothing", async () => {
    await using short = await begin({ ttlMs: 1_000 });
    await short.clock.advance(1_000);
    expect(await short.look()).toBe("second");
    await using none = await begin({ ttlMs: 0 });
    expect(await none.look()).toBe("second");
  });

  test("SEC-69 forceRefresh goes past what is kept, once for all who ask", async () => {
    await using it = await begin();
    const found = await Promise.all(
      Array.from({ length: 20 }, () => it.provider.get({ forceRefresh: true })),
    );
    expect(found.map(secretOf)).toEqual(Array.from({ length: 20 }, () => "second"));
    expect(world().front.reads()).toBe(2);
  });

  describe("while the store fails", () => {
    const shown = canary("shown");
    const lasting = (fault: Fault): Fault[] => Array.from({ length: 99 }, () => fault);
    const refusal = (type: string, status = 400): Fault => ({ status, type, message: shown.value });

    test.each<[string, Fault]>([
      ["throttled", refusal("ThrottlingException")],
      ["an internal error", refusal("InternalServiceError", 500)],
      ["no connection", "reset"],
    ])("%s: the old value for an hour, with a warning, and a read every 30 s at most", async (_, fault) => {
      const warnings: SecretWarning[] = [];
      await using it = await begin({ onWarning: (warning) => warnings.push(warning) });
      world().front.fault(...lasting(fault));
      await it.clock.advance(5 * minute);
      for (let caller = 0; caller < 50; caller++) expect(await it.look()).toBe("first");
      expect(world().front.reads()).toBe(1 + 3);
      await it.clock.advance(30_000);
      expect(await it.look()).toBe("first");
      expect(world().front.reads()).toBe(1 + 6);
      expect(warnings).toEqual([{ reason: "serving-stale", message: expect.stringContaining(it.secret) }]);
      shown.check(warnings);

      await it.clock.advance(60 * minute);
      expect(await unhurried(it.clock, failing(it.provider))).toMatchObject({ code: "ERR_AUTH_UNREACHABLE" });
      expect(warnings).toHaveLength(1);
      world().front.fault();
      expect(await it.look()).toBe("second"); // with nothing left to serve, there is no pause
    });

    test("what AWS has taken back is not said to be served: no warning, and no pause for those who ask", async () => {
      const warnings: SecretWarning[] = [];
      await using it = await begin({ onWarning: (warning) => warnings.push(warning) });
      world().front.fault(refusal("AccessDeniedException"));
      const denied = await unhurried(it.clock, failing(it.provider.get({ forceRefresh: true })));
      expect(denied).toMatchObject({ code: "ERR_AUTH_DENIED" });
      await it.clock.advance(5_000); // that long the answer is remembered (L16)
      world().front.fault(...lasting(refusal("ThrottlingException")));
      expect(await unhurried(it.clock, failing(it.provider))).toMatchObject({ reason: "rate-limited" });
      expect(warnings).toEqual([]);
      world().front.fault();
      expect(await it.look()).toBe("second");
    });

    test("a forced read does not get the old value, nor wait for the pause", async () => {
      await using it = await begin();
      await it.clock.advance(5 * minute);
      world().front.fault(...lasting(refusal("ThrottlingException")));
      expect(await it.look()).toBe("first");
      const forced = (): Promise<unknown> =>
        unhurried(it.clock, failing(it.provider.get({ forceRefresh: true })));
      expect(await forced()).toMatchObject({ reason: "rate-limited" });
      world().front.fault();
      expect(await forced()).toBe("no error");
    });

    test.each([
      ["AccessDeniedException", "ERR_AUTH_DENIED"],
      ["ResourceNotFoundException", "ERR_AUTH_NOT_FOUND"],
      ["ExpiredTokenException", "ERR_AUTH_INTERACTION_REQUIRED"],
    ])("%s is no reason to serve the old value", async (type, code) => {
      await using it = await begin();
      await it.clock.advance(5 * minute);
      world().front.fault(...lasting(refusal(type)));
      expect(await failing(it.provider)).toMatchObject({ code });
    });

    test("a secret that is deleted meanwhile is not served any more", async () => {
      await using it = await begin();
      await world().remove(it.secret);
      await it.clock.advance(5 * minute);
      expect(await failing(it.provider)).toMatchObject({ reason: "pending-deletion" });
    });

    test("`staleMs: 0` never serves an old value, and never says so", async () => {
      const warnings: SecretWarning[] = [];
      await using it = await begin({ staleMs: 0, onWarning: (warning) => warnings.push(warning) });
      await it.clock.advance(5 * minute);
      world().front.fault(...lasting(refusal("ThrottlingException")));
      expect(await unhurried(it.clock, failing(it.provider))).toMatchObject({ reason: "rate-limited" });
      expect(warnings).toEqual([]);
    });
  });
});
