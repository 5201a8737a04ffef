import assert from "node:assert/strict";
import { type Action, decide, type Snapshot } from "@auth/core";
import type { TestFramework } from "./suite.ts";
import type { DecisionVector, Scenario, Step, StoredFacts, VectorFile } from "./vector.ts";
import { partition } from "./vector-server.ts";
import { type Call, settle, type VectorWorld, vectorWorld } from "./vector-world.ts";

export interface VectorSuite extends TestFramework {
  /** The parsed files of `spec/vectors`. */
  readonly vectors: readonly VectorFile[];
  /** A step that is not as expected after this time, in real time, fails. Only one that fails takes it. Default 1000 ms. */
  readonly hangMs?: number;
}

/**
 * Runs the vectors of `spec/vectors` against `createAuth` and `decide`: one case for each. One that is `pending` passes
 * as long as it fails, with its reason in the title.
 *
 * @example
 * ```ts
 * const vectors = files.map((file) => JSON.parse(readFileSync(file, "utf8")));
 * runVectors({ describe, test, vectors });
 * ```
 */
export function runVectors({ describe, test, vectors, hangMs = 1000 }: VectorSuite): void {
  for (const { subject, scenarios = [], decisions = [] } of vectors) {
    describe(subject, () => {
      const define = (vector: Scenario | DecisionVector, run: () => Promise<void>): void => {
        const { name, pending } = vector;
        if (pending === undefined) test(name, run);
        else test(`${name} (pending: ${pending})`, () => mustFail(`${subject}: "${name}"`, run));
      };
      for (const scenario of scenarios) define(scenario, () => play(subject, scenario, hangMs));
      for (const decision of decisions) define(decision, async () => judge(subject, decision));
    });
  }
}

async function mustFail(title: string, run: () => Promise<void>): Promise<void> {
  const failed = await run().then(
    () => false,
    () => true,
  );
  if (!failed) assert.fail(`${title} is marked as pending, and passes: take the mark away`);
}

async function play(subject: string, scenario: Scenario, hangMs: number): Promise<void> {
  // What is loaded with the first use is loaded before anything is counted.
  await (await vectorWorld({ name: "", rule: "", steps: [] })).next();
  const world = await vectorWorld(scenario);
  let stored = await world.stored();
  for (const [at, step] of scenario.steps.entries()) {
    const where = `${subject}: "${scenario.name}", step ${at + 1} (${summary(step)})`;
    const before = { sent: world.server.log.length, read: world.source?.reads.length ?? 0, stored };
    let problems: string[] = [];
    try {
      const calls = await world.perform(step);
      await settle();
      for (const end = performance.now() + hangMs; ; await settle()) {
        problems = await compare(world, step, calls, before);
        if (problems.length === 0 || performance.now() > end) break;
      }
    } catch (thrown) {
      problems = [`the step cannot be done: ${thrown instanceof Error ? thrown.message : String(thrown)}`];
    }
    if (problems.length > 0) assert.fail([where, ...problems].join("\n  "));
    for (const call of world.waiting) if (call.outcome !== undefined) world.waiting.delete(call);
    stored = await world.stored();
  }
}

interface Before {
  readonly sent: number;
  readonly read: number;
  readonly stored: StoredFacts | null;
}

/** What is not as the step says; nothing, if all is. */
async function compare(world: VectorWorld, step: Step, calls: Call[], before: Before): Promise<string[]> {
  const problems: string[] = [];
  const same = (what: string, expected: unknown, actual: unknown): void => {
    if (canonical(expected) !== canonical(actual))
      problems.push(`${what}: expected ${canonical(expected)}, got ${canonical(actual)}`);
  };
  if (calls.length > 0) {
    const outcomes = calls.map(({ outcome }) => (outcome === undefined ? "waits" : outcome));
    const { result = "(the step does not say)" } = step;
    same("result", result, outcomes.every((each) => each === outcomes[0]) ? outcomes[0] : outcomes);
    if (step.retryAfterMs !== undefined) same("retryAfterMs", step.retryAfterMs, calls[0]?.retryAfterMs);
    if (result === "waits" && step.as === undefined) problems.push("a call that waits needs a name (as)");
  }
  const settled = [...world.waiting].filter((call) => !calls.includes(call) && call.outcome !== undefined);
  same("settled", step.settled ?? {}, outcomesByName(settled));
  same("sent", step.sent ?? [], world.server.log.slice(before.sent));
  if (step.read) same("read", step.read, world.source?.reads.slice(before.read));
  const stored = await world.stored();
  if (step.stored === undefined) same("stored, which should not change", before.stored, stored);
  else same("stored", step.stored && complete(step.stored), reduced(stored, step.stored));
  if (problems.length === 0 && step.next) same("next", step.next, await world.next());
  return problems;
}

function outcomesByName(calls: readonly Call[]): Record<string, unknown> {
  const byName = new Map<string, Set<unknown>>();
  for (const { name, outcome } of calls) byName.set(name, (byName.get(name) ?? new Set()).add(outcome));
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, all.size === 1 ? [...all][0] : [...all]]),
  );
}

/** What is always compared, said or not. */
const always = { refresh: null, dead: null, partition } as const;
const complete = (facts: StoredFacts): object => ({ ...always, ...facts });

/** What is there of what the step speaks of. */
function reduced(actual: StoredFacts | null, expected: StoredFacts | null): object | null {
  if (!actual || !expected) return actual;
  const names = Object.keys(complete(expected)) as (keyof StoredFacts)[];
  return Object.fromEntries(names.map((name) => [name, actual[name] ?? null]));
}

/** JSON with the names in order, so that equal things read the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

function summary(step: Step): string {
  const { do: what, sent: _s, stored: _t, next: _n, result: _r, settled: _e, read: _a, ...how } = step;
  return [what, ...Object.entries(how).map(([name, value]) => `${name} ${JSON.stringify(value)}`)].join(" ");
}

function judge(subject: string, vector: DecisionVector): void {
  const {
    token,
    can = {},
    policy = {},
    at,
    rejected,
    sessionExpiresAt,
    pausedUntil,
    barredUntil,
    young,
  } = vector;
  const { refresh = true, keepAlive = false, exchange = "unattended" } = can;
  const snapshot: Snapshot = {
    token: token ? { spread: 0, ...token } : undefined,
    rejected: rejected ?? false,
    sessionExpiresAt,
    pausedUntil,
    barredUntil,
    young: young ?? false,
    can: { refresh, keepAlive, exchange },
  };
  const wrong = at.flatMap(([wall, monotonic, expected]) => {
    const actual: Action = decide(snapshot, { wall, monotonic }, policy);
    return actual === expected
      ? []
      : [`wall ${wall}, monotonic ${monotonic}: expected ${expected}, got ${actual}`];
  });
  if (wrong.length > 0) assert.fail([`${subject}: "${vector.name}"`, ...wrong].join("\n  "));
}
