import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { count } from "../chart.ts";
import { everybody, fleet, measure, sharing } from "../measure.ts";
import { busy, nothingInHand } from "../nothing-in-hand.ts";
import { ourPolicy } from "../our-policy.ts";
import { callAt, type Member } from "../policy.ts";
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

describe("nothing usable in hand, and the identity provider is away for ten minutes", () => {
  const [mine, ...others] = nothingInHand({ ...busy, processes: 10_000 });

  test("the five others send a request for each call", () => {
    expect(others).toHaveLength(5);
    for (const row of others) expect(row).toMatchObject({ during: 10_000, afterPeak: 10_000 });
  });

  test("ours sends a twentieth of it, during and after, and all have a token within the longest pause", () => {
    expect(mine?.during).toBeLessThan(600);
    expect(mine?.during).toBeGreaterThan(10_000 / 30);
    expect(mine?.duringPeak).toBeLessThan(2_500);
    expect(mine?.afterPeak).toBeLessThan(600);
    expect(mine?.halfMs).toBeLessThan(15_000);
    expect(mine?.allMs).toBeGreaterThan(15_000);
    expect(mine?.allMs).toBeLessThanOrEqual(31_000);
  });

  test("the page says so of the whole fleet", async () => {
    const page = await readFile(new URL("../../docs/fleet.md", import.meta.url), "utf8");
    const [ours] = nothingInHand(busy, [ourPolicy({ jitter: true })]);
    const cells = [ours?.during, ours?.duringPeak, ours?.afterPeak].map((each) => count(each ?? Number.NaN));
    expect(page).toContain(`| ours | ${cells.join(" | ")} | `);
  });
});

test.each([
  ["the least", 0, 0.5],
  ["the most", 1, 1],
])("L15 the pauses of a process with an expired token, by chance %s", (_, chance, share) => {
  const policy = ourPolicy({ jitter: true });
  const member: Member = {
    startedAt: 0,
    callEveryMs: 1,
    obtainedAt: -7_200_000,
    expiresAt: -3_600_000,
    spread: 0,
    random: () => chance,
  };
  const pauses: number[] = [];
  for (let time = callAt(member, 0); time < 120_000; ) {
    const next = policy.nextAt(member, time);
    pauses.push((next - time) / share);
    time = next;
  }
  expect(pauses.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(pauses.at(-1)).toBe(30_000);
});
