import { expect, test } from "vitest";
import { unexercised } from "./exercised.ts";

test("a command or an option that never ended well is named", () => {
  const all = unexercised([]);
  expect(all).toContain("auth profiles add");
  expect(all).toContain("--min-ttl of auth headers");
  expect(all).toContain("--json");
  const left = unexercised([
    { args: ["headers", "--min-ttl", "5m", "--json"], code: 0 },
    { args: ["profiles", "add", "x", "-g", "bearer"], code: 1 },
    { args: ["exec", "-e", "T", "--", "x", "--verbose"], code: 0 },
  ]);
  expect(all.filter((each) => !left.includes(each))).toEqual([
    "--json",
    "auth headers",
    "--min-ttl of auth headers",
    "auth exec",
    "--env of auth exec",
  ]);
});
