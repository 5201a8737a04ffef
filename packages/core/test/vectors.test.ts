import { readdirSync, readFileSync } from "node:fs";
import { runVectors, type Step, type VectorFile } from "@auth/testkit";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";

const spec = new URL("../../../spec/", import.meta.url);
const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, spec), "utf8"));
const names = readdirSync(new URL("vectors/", spec)).filter((name) => name.endsWith(".json"));
const vectors = names.map((name) => json(`vectors/${name}`) as VectorFile);

const valid = new Ajv2020({ strictTypes: false, strictRequired: false }).compile(
  json("vectors.schema.json") as object,
);
test.each(names)("%s is of the shape that its schema says", (name) => {
  valid(json(`vectors/${name}`));
  expect(valid.errors ?? []).toEqual([]);
});

test("the schema refuses what nobody would notice", () => {
  const step = { do: "get", result: "at-1" };
  const file = (more: object) => ({ subject: "x", scenarios: [{ name: "x", rule: "x", steps: [more] }] });
  expect(valid(file(step))).toBe(true);
  for (const typo of [{ forcerefresh: true }, { send: [] }, { ms: 1 }, { result: undefined }, { do: "gets" }])
    expect(valid(file({ ...step, ...typo })), JSON.stringify(typo)).toBe(false);
});

let ran = 0;
const counting = Object.assign(
  (title: string, body: () => Promise<void>) =>
    test(title, async () => {
      ran++;
      await body();
    }),
  { skip: test.skip },
);

runVectors({ describe, test: counting, vectors });

test("at least 80 scenarios ran, and every decision", () => {
  const scenarios = vectors.flatMap((file) => file.scenarios ?? []);
  const decisions = vectors.flatMap((file) => file.decisions ?? []);
  expect(scenarios.length).toBeGreaterThanOrEqual(80);
  expect(ran).toBe(scenarios.length + decisions.length);
  const titles = vectors.flatMap(({ subject, scenarios: told = [], decisions: judged = [] }) =>
    [...told, ...judged].map(({ name }) => `${subject}: ${name}`),
  );
  expect(new Set(titles).size).toBe(titles.length);
});

test("a scenario with a changed expectation fails, whichever it is", { timeout: 60_000 }, async () => {
  // The token that the last call is to get, changed: nothing in the files is decoration.
  const expected: string[] = [];
  const changed = vectors.map(({ subject, scenarios = [] }): VectorFile => {
    const wrong = scenarios.flatMap(({ pending, ...scenario }) => {
      const at = scenario.steps.findLastIndex((step) => step.do === "get" && step.result?.startsWith("at-"));
      if (at < 0 || pending !== undefined) return [];
      expected.push(`${subject}: "${scenario.name}", step ${at + 1} (get`);
      return {
        ...scenario,
        steps: scenario.steps.with(at, { ...scenario.steps[at], result: "at-0" } as Step),
      };
    });
    return { subject, scenarios: wrong };
  });
  const bodies: (() => Promise<void>)[] = [];
  const collect = Object.assign((_: string, body: () => Promise<void>) => bodies.push(body), {
    skip: () => {},
  });
  runVectors({ describe: (_, body) => body(), test: collect, vectors: changed });
  const messages = await Promise.all(
    bodies.map((body) =>
      body().then(
        () => "passed",
        (error: Error) => error.message,
      ),
    ),
  );
  expect(messages.map((message) => message.replace(/ \(get.*/s, " (get"))).toEqual(expected);
  expect(expected.length).toBeGreaterThanOrEqual(80);
});
