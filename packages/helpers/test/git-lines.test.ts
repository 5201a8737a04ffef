import { expect, test } from "vitest";
import { gitLines } from "../src/git-lines.ts";
import { context, failureOf } from "./golden.ts";

const block = (text: string) => gitLines(Buffer.from(text), context);

test("SEC-101 a line has 65,535 bytes at most, whatever characters they are", () => {
  const value = `x${"é".repeat(32_766)}`; // 65,533 bytes
  expect(block(`a=${value}\r\n`).values.get("a")).toBe(value);
  expect(failureOf(() => block(`ab=${value}\n`))).toBe("INVALID/payload-malformed");
  expect(failureOf(() => block(`ab=${value}`))).toBe("INVALID/payload-malformed");
});

test("SEC-101 lines end in LF; one CR before it is dropped, any other is data", () => {
  const { values } = block("a=b\rc=d\r\r\ne=f=g\r\nh=\n\r\ni=j\n");
  expect([...values]).toEqual([
    ["a", "b\rc=d\r"],
    ["e", "f=g"],
    ["h", ""],
  ]);
});

test("SEC-101 lists are collected, and an empty value begins them anew", () => {
  const { lists, values } = block("a[]=1\na[]=2\nb[]=\nc[]=x\nc[]=\nc[]=y\n");
  expect(Object.fromEntries(lists)).toEqual({ "a[]": ["1", "2"], "b[]": [], "c[]": ["y"] });
  expect(values.size).toBe(0);
});
