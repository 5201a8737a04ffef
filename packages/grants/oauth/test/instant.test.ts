import { describe, expect, test } from "vitest";
import { instant, unverifiedClaims } from "../src/http.ts";

const same = "2023-08-21T16:57:01.113Z";

describe("instants as servers write them", () => {
  test.each<[value: unknown, iso: string]>([
    [same, same],
    ["2023-08-21T18:57:01.113+02:00", same],
    ["2023-08-21T18:57:01.113+0200", same],
    ["2023-08-21T16:57:01.113", same],
    ["2023-08-21 16:57:01.113456", same],
    ["2023-08-21t16:57:01.113z", same],
    ["2023-08-21T16:57:01Z", "2023-08-21T16:57:01.000Z"],
    [1_692_637_021, "2023-08-21T16:57:01.000Z"],
    [1_692_637_021.113, same],
    [1_692_637_021_113, same],
    ["1692637021", "2023-08-21T16:57:01.000Z"],
    ["1692637021113", same],
    [new Date(5), "1970-01-01T00:00:00.005Z"],
    [0, "1970-01-01T00:00:00.000Z"],
  ])("%j", (value, iso) => {
    expect(instant(value)?.toISOString()).toBe(iso);
  });

  test.each([
    undefined,
    null,
    "",
    "soon",
    "2023-08-21",
    "16:57:01",
    "2023-13-21T16:57:01Z",
    "2023-08-21T16:57:01+99:99",
    "1e3",
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    true,
    {},
    [],
    new Date(Number.NaN),
  ])("SEC-33 %j is none", (value) => {
    expect(instant(value)).toBeUndefined();
  });
});

describe("what a JWT says of itself", () => {
  const jwt = (payload: string): string =>
    ["{}", payload, "signature"].map((part) => Buffer.from(part).toString("base64url")).join(".");

  test("SEC-34 its claims, unverified", () => {
    const claims = unverifiedClaims(jwt('{"exp":1,"aud":"app"}'));
    expect(claims).toEqual({ exp: 1, aud: "app" });
  });

  test("SEC-13 nothing inherited, whatever the claims are called", () => {
    const claims = unverifiedClaims(jwt('{"__proto__":{"exp":1},"x":2}'));
    expect(Object.getPrototypeOf(claims)).toBe(null);
    expect(claims?.["exp"]).toBeUndefined();
    expect(claims?.["constructor"]).toBeUndefined();
  });

  test.each(["", "opaque", "a.b", "a.b.c", "a.b.c.d.e", jwt("[1]"), jwt("1"), jwt("{")])(
    "%j is none",
    (token) => {
      expect(unverifiedClaims(token)).toBeUndefined();
    },
  );
});
