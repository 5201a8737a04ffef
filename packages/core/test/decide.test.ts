import { type Action, decide, type Now, type Snapshot } from "@auth/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { remaining, windows } from "../src/decide.ts";

const hour = 3_600_000;
const born = 1_800_000_000_000;
const can = { refresh: true, keepAlive: false, exchange: "unattended" } as const;
/** `elapsed` ms after a one-hour token was obtained, by both clocks. */
const at = (elapsed: number): Now => ({ wall: born + elapsed, monotonic: 5_000 + elapsed });
const token = { expiresAt: born + hour, obtainedAt: born, obtainedMonotonic: 5_000, spread: 0 };
const after = (elapsed: number, more: Partial<Snapshot> = {}, policy = {}): Action =>
  decide({ token, can, ...more }, at(elapsed), policy);

describe("a one-hour token, from its birth to its end", () => {
  test.each([
    [0, "use"],
    [hour - 300_001, "use"],
    [hour - 300_000, "use-and-refresh"],
    [hour - 30_001, "use-and-refresh"],
    [hour - 30_000, "refresh"],
    [hour - 1, "refresh"],
    [hour, "refresh"],
    [10 * hour, "refresh"],
  ] as const)("%d ms: %s", (elapsed, action) => {
    expect(after(elapsed)).toBe(action);
  });
});

describe("with no token, a refused one or an expired one, what can be done is done", () => {
  test.each([
    [{ ...can }, "refresh"],
    [{ ...can, refresh: false }, "exchange"],
    [{ ...can, refresh: false, exchange: "attended" }, "exchange"],
    [{ ...can, refresh: false, exchange: false }, "login-needed"],
    [{ refresh: true, keepAlive: true, exchange: false }, "refresh"],
    [{ refresh: false, keepAlive: true, exchange: false }, "login-needed"],
  ] as const)("%j: %s", (able, action) => {
    expect(decide({ can: able }, at(0), {})).toBe(action);
    expect(after(0, { can: able, rejected: true })).toBe(action);
    expect(after(hour, { can: able })).toBe(action);
  });
});

describe("a token that is still good is served where only a person could go on", () => {
  const alone = { refresh: false, keepAlive: false, exchange: false } as const;
  test.each([0, hour - 300_000, hour - 30_000, hour - 1])("%d ms", (elapsed) => {
    expect(after(elapsed, { can: alone })).toBe("use");
  });
});

test("what would ask a person is never done behind the callers, only while they wait", () => {
  const attended = { refresh: false, keepAlive: false, exchange: "attended" } as const;
  expect(after(hour - 300_000, { can: attended })).toBe("use");
  expect(after(hour - 30_000, { can: attended })).toBe("exchange");
});

describe("SEC-50 both clocks", () => {
  test("the wall clock alone ends a token: suspension", () => {
    expect(decide({ token, can }, { wall: born + hour - 30_000, monotonic: 5_000 }, {})).toBe("refresh");
  });
  test("the monotonic clock alone ends a token: a clock that was set back or held", () => {
    expect(decide({ token, can }, { wall: born, monotonic: 5_000 + hour - 30_000 }, {})).toBe("refresh");
  });
  test("a wall clock more than 60 s before the token's birth is not believed", () => {
    expect(decide({ token, can }, { wall: born - 60_000, monotonic: 5_000 }, {})).toBe("use");
    expect(decide({ token, can }, { wall: born - 60_001, monotonic: 5_000 }, {})).toBe("refresh");
  });
  test("a token of unknown lifetime has nothing to lose by a clock set back", () => {
    const unknown = { obtainedAt: born, obtainedMonotonic: 5_000, spread: 0 };
    expect(decide({ token: unknown, can }, { wall: born - 10 * hour, monotonic: 5_000 }, {})).toBe("use");
  });
  test("without the monotonic birth, the wall clock alone", () => {
    expect(remaining({ expiresAt: born + hour, spread: 0 }, at(0))).toBe(hour);
    expect(remaining({ expiresAt: born + hour, obtainedAt: born, spread: 0 }, at(60))).toBe(hour - 60);
  });
});

describe("windows are capped, so that short lifetimes are not renewed on every call", () => {
  const short = (lifetime: number) => ({ ...token, expiresAt: born + lifetime });
  test.each([
    [10_000, 5_000, 2_500],
    [60_000, 30_000, 15_000],
    [120_000, 60_000, 30_000],
    [600_000, 300_000, 30_000],
    [hour, 300_000, 30_000],
  ])("lifetime %d ms: early %d, hard %d", (lifetime, early, hard) => {
    expect(windows(short(lifetime), {})).toMatchObject({ early, hard });
  });
  test("those set by hand at half of the lifetime", () => {
    const policy = { refreshAheadMs: hour, minTtlMs: hour, keepAliveWindow: { fromMs: hour, toMs: 0 } };
    expect(windows(short(10_000), policy)).toMatchObject({
      early: 5_000,
      hard: 5_000,
      from: 5_000,
    });
  });
  test("of an unknown lifetime nothing is capped", () => {
    expect(windows({ expiresAt: born, spread: 0.9 }, { minTtlMs: hour })).toMatchObject({
      early: 300_000,
      hard: hour,
    });
  });
  test("refreshAheadMs 0: no early window, with whatever spread", () => {
    expect(windows({ ...token, spread: 0.999 }, { refreshAheadMs: 0 }).early).toBe(0);
  });
  test("a lifetime longer than 365 days counts as 365", () => {
    const year = 365 * 24 * hour;
    const long = { ...token, expiresAt: born + 10 * year };
    expect(remaining(long, at(0))).toBe(year);
    expect(decide({ token: long, can }, at(year), {})).toBe("refresh");
  });
});

test("the spread moves the early window earlier by up to a quarter of the lifetime, never later", () => {
  const early = (spread: number): number => windows({ ...token, spread }, {}).early;
  expect(early(0)).toBe(300_000);
  expect(early(0.5)).toBe(300_000 + hour / 8);
  expect(early(1 - 1e-9)).toBeLessThanOrEqual(300_000 + hour / 4);
});

describe("a server's hint", () => {
  test("replaces the early window, earlier and later, and without spread", () => {
    for (const hint of [hour / 4, hour - 60_000]) {
      const hinted = { ...token, refreshAfter: born + hint, spread: 0.9 };
      expect(decide({ token: hinted, can }, at(hint - 1), {})).toBe("use");
      expect(decide({ token: hinted, can }, at(hint), {})).toBe("use-and-refresh");
    }
  });
  test("does not move the hard window", () => {
    const hinted = { ...token, refreshAfter: born + hour };
    expect(decide({ token: hinted, can }, at(hour - 30_000), {})).toBe("refresh");
  });
  test("of a token without expiry", () => {
    const hinted = { refreshAfter: born + 60_000, spread: 0.9 };
    expect(decide({ token: hinted, can }, at(59_999), {})).toBe("use");
    expect(decide({ token: hinted, can }, at(60_000), {})).toBe("use-and-refresh");
  });
});

describe("keep-alive", () => {
  const policy = { refreshAheadMs: 0, keepAliveWindow: { fromMs: 90_000, toMs: 30_000 } };
  const keeping = { refresh: false, keepAlive: true, exchange: "unattended" } as const;
  test.each([
    [hour - 90_000, "use"],
    [hour - 89_999, "keep-alive"],
    [hour - 30_000, "keep-alive"],
    [hour - 29_999, "exchange"],
  ] as const)("%d ms: %s", (elapsed, action) => {
    expect(after(elapsed, { can: keeping }, policy)).toBe(action);
  });
  test("not of a refused token, not where the grant cannot, not after the session's end, not while it pauses", () => {
    const inside = hour - 60_000;
    expect(after(inside, { can: keeping, rejected: true }, policy)).toBe("exchange");
    expect(after(inside, { can: { ...keeping, keepAlive: false } }, policy)).toBe("use");
    expect(after(inside, { can: keeping, sessionExpiresAt: born }, policy)).not.toBe("keep-alive");
    expect(after(inside, { can: keeping, pausedUntil: 5_000 + hour }, policy)).toBe("use");
  });
});

describe("a pause after a failure", () => {
  test("serves up to the hard window, a bar up to the end of the token, and neither a moment longer", () => {
    const until = 5_000 + 2 * hour;
    for (const elapsed of [hour - 300_000, hour - 30_001])
      expect(after(elapsed, { pausedUntil: until })).toBe("use");
    expect(after(hour - 30_000, { pausedUntil: until })).toBe("refresh");
    for (const elapsed of [hour - 300_000, hour - 30_000, hour - 1])
      expect(after(elapsed, { barredUntil: until })).toBe("use");
    expect(after(hour, { barredUntil: until })).toBe("refresh");
    expect(after(0, { pausedUntil: until, barredUntil: until, rejected: true })).toBe("refresh");
  });
  test("ends at its instant", () => {
    expect(after(hour - 30_000, { barredUntil: 5_000 + hour - 30_000 })).toBe("refresh");
    expect(after(hour - 200_000, { pausedUntil: 5_000 + hour - 200_000 })).toBe("use-and-refresh");
  });
});

describe("the end of a session", () => {
  const sessionExpiresAt = born + hour / 2;
  test("ends refresh; what needs no person goes on by exchange", () => {
    const expired = { ...token, expiresAt: born + hour / 4 };
    expect(decide({ token: expired, can, sessionExpiresAt }, at(hour / 2 - 1), {})).toBe("refresh");
    expect(decide({ token: expired, can, sessionExpiresAt }, at(hour / 2), {})).toBe("exchange");
    expect(
      decide({ token: expired, can: { ...can, exchange: false }, sessionExpiresAt }, at(hour / 2), {}),
    ).toBe("login-needed");
  });
});

test("it is total and pure: some action for whatever there is, and the same one again", () => {
  const instant = fc.option(fc.integer({ min: -1e13, max: 1e13 }), { nil: undefined });
  const snapshot = fc.record({
    token: fc.option(
      fc.record({
        expiresAt: instant,
        obtainedAt: instant,
        obtainedMonotonic: instant,
        refreshAfter: instant,
        spread: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      }),
      { nil: undefined },
    ),
    rejected: fc.boolean(),
    sessionExpiresAt: instant,
    pausedUntil: instant,
    can: fc.record({
      refresh: fc.boolean(),
      keepAlive: fc.boolean(),
      exchange: fc.constantFrom("unattended" as const, "attended" as const, false as const),
    }),
  });
  const now = fc.record({
    wall: fc.integer({ min: 0, max: 1e13 }),
    monotonic: fc.integer({ min: 0, max: 1e13 }),
  });
  fc.assert(
    fc.property(snapshot, now, (given, when) => {
      const frozen = Object.freeze({ ...given, can: Object.freeze(given.can) });
      const action = decide(frozen, when, {});
      expect(decide(frozen, when, {})).toBe(action);
      const { token: its, can: able, rejected } = given;
      const good = its !== undefined && !rejected && remaining(its, when) > 0;
      if (action === "use" || action === "use-and-refresh") expect(good).toBe(true);
      if (action === "login-needed") expect(good).toBe(false);
      if (action === "refresh") expect(able.refresh).toBe(true);
      if (action === "exchange") expect(able.exchange).not.toBe(false);
      if (action === "keep-alive") expect(able.keepAlive && good).toBe(true);
      if (action === "use-and-refresh") expect(able.refresh || able.exchange === "unattended").toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("SEC-50 nothing is served past either clock, and time alone never makes a token younger", () => {
  const rank = { use: 0, "use-and-refresh": 1, "keep-alive": 2, refresh: 3, exchange: 3, "login-needed": 3 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 * hour }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(200 * hour),
      fc.nat(200 * hour),
      (lifetime, spread, wall, monotonic) => {
        const mine = { ...token, expiresAt: born + lifetime, spread };
        const action = decide({ token: mine, can }, { wall: born + wall, monotonic: 5_000 + monotonic }, {});
        if (Math.max(wall, monotonic) >= lifetime) expect(action).toBe("refresh");
        const later = decide(
          { token: mine, can },
          { wall: born + wall + 1, monotonic: 5_000 + monotonic + 1 },
          {},
        );
        expect(rank[later]).toBeGreaterThanOrEqual(rank[action]);
      },
    ),
    { numRuns: 1_000 },
  );
});
