import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { everybody, fleet, measure, sharing } from "../measure.ts";
import { ourPolicy } from "../our-policy.ts";
import { simulate } from "../simulate.ts";

/** A tenth of the fleet: a tenth of the load, and the same shares. */
const tenth = { ...fleet, processes: 10_000 };
const rows = new Map(measure(tenth).map((row) => [row.name, row]));
const ours = rows.get("ours");
const without = rows.get("ours, without the spread");

test("the spread takes the peak of a fleet down to a tenth, and an outage to a few percent", () => {
  expect(without?.peak).toBeGreaterThan(170);
  expect(ours?.peak).toBeLessThan(without?.peak ? without.peak / 8 : 0);
  expect(ours?.hurtAtWorst).toBeGreaterThan(0.02);
  expect(ours?.hurtAtWorst).toBeLessThan(0.08);
  expect(without?.hurtAtWorst).toBe(1);
});

test("the five others renew in step", () => {
  const others = everybody()
    .slice(3)
    .map(([{ name }]) => rows.get(name));
  expect(others).toHaveLength(5);
  for (const row of others) {
    expect(row?.peak).toBeGreaterThan(150);
    expect(row?.hurtAtWorst).toBe(1);
  }
});

test("processes that share a login ask once for all of them", () => {
  const each = simulate(tenth, ourPolicy({ jitter: true }));
  const shared = simulate({ ...tenth, sharing }, ourPolicy({ jitter: true }));
  const total = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0);
  expect(total(shared.perSecond) / total(each.perSecond)).toBeLessThan(1.5 / sharing);
});

test("a whole fleet without an outage: the numbers of the page", async () => {
  const page = await readFile(new URL("../../docs/fleet.md", import.meta.url), "utf8");
  const row = (name: string): number[] => {
    const cells =
      page
        .split("\n")
        .find((line) => line.startsWith(`| ${name} |`))
        ?.split("|") ?? [];
    return cells.slice(2, -1).map((cell) => Number.parseFloat(cell.replaceAll(",", "")));
  };
  for (const [name, jitter] of [
    ["ours", true],
    ["ours, without the spread", false],
  ] as const) {
    const { perSecond } = simulate(fleet, ourPolicy({ jitter }));
    expect(row(name)[0]).toBe(Math.max(...perSecond));
  }
});
