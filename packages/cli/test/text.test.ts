import { expect, test } from "vitest";
import { clean, cleaned, table, wrap } from "../src/text.ts";
import { duration, fromNow, instant, milliseconds } from "../src/when.ts";

test("SEC-123 SEC-7 controls, escapes and bidi marks go, lines stay, in linear time", () => {
  expect(clean("a\u001b[31mb\u001b]8;;http://evil\u0007c\u0000\u009b\u202e\u2066d\r\ne")).toBe("abcd\ne");
  expect(cleaned({ a: ["\u001bb"], at: new Date(0), n: 1, "\u202ek": null })).toEqual({
    a: ["b"],
    at: new Date(0),
    n: 1,
    k: null,
  });
  const bad = "\u001b[".repeat(500_000);
  const started = performance.now();
  clean(bad);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("columns align by what is seen, not by what is counted", () => {
  expect(
    table([
      ["a", "1"],
      ["日本", "2", ""],
      ["ccccc", "3"],
    ]),
  ).toBe("a      1\n日本   2\nccccc  3\n");
});

test("lines break between words, and hang", () => {
  expect(wrap("one two three four five six seven", 24, 2)).toBe("one two three four\n  five six seven");
});

test("times are as exact as people need them", () => {
  expect([0, 999, 59_000, 60_000, 3_599_000, 7_500_000, 90_000_000, 200_000_000].map(duration)).toEqual([
    "0 s",
    "0 s",
    "59 s",
    "1 min",
    "59 min",
    "2 h 5 min",
    "1 day 1 h",
    "2 days 7 h",
  ]);
  expect([fromNow(new Date(60_000), 0), fromNow(new Date(0), 60_000)]).toEqual(["in 1 min", "1 min ago"]);
  expect(instant(new Date(2026, 10, 21, 14, 5, 9))).toMatch(/^2026-11-21 14:05:09 [+-]\d\d:\d\d$/);
  expect(["90s", "5m", "1h", "250ms"].map(milliseconds)).toEqual([90_000, 300_000, 3_600_000, 250]);
  for (const wrong of ["", "90", "soon", "-1", "1.5h", "1d"])
    expect(() => milliseconds(wrong)).toThrow("whole number");
});
