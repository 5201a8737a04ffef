import { describe, expect, test } from "vitest";
import { raceProcesses } from "../src/index.ts";

const twoRounds = new URL("racers/two-rounds.ts", import.meta.url);
const oneFails = new URL("racers/one-fails.ts", import.meta.url);

describe("raceProcesses", () => {
  test("all reach the barrier before one goes on, in every round", async () => {
    const rounds: number[] = [];
    const results = await raceProcesses({
      script: twoRounds,
      count: 4,
      input: { answer: 42 },
      onBarrier: (round) => rounds.push(round),
    });
    expect(rounds).toEqual([0, 1]);
    expect(results.map(({ reports }) => reports)).toEqual(
      [0, 1, 2, 3].map((index) =>
        [0, 1].map((round) => ({ index, input: { answer: 42 }, round, home: null })),
      ),
    );
    for (const { code, stdout, stderr, timedOut } of results)
      expect({ code, stdout, stderr, timedOut }).toEqual({
        code: 0,
        stdout: "a word of its own\n",
        stderr: "a warning\n",
        timedOut: false,
      });
  });

  test("one that ends early holds nobody up, one that never ends is killed", async () => {
    const results = await raceProcesses({ script: oneFails, count: 3, timeoutMs: 4000 });
    expect(results.map(({ reports, code, timedOut }) => ({ reports, code, timedOut }))).toEqual([
      { reports: [], code: 1, timedOut: false },
      { reports: ["passed the barrier"], code: null, timedOut: true },
      { reports: ["passed the barrier"], code: 0, timedOut: false },
    ]);
    expect(results[0]?.stderr).toContain("failed before the barrier");
  });

  test("a failure at the barrier ends the race", async () => {
    const race = raceProcesses({
      script: twoRounds,
      count: 2,
      onBarrier: () => Promise.reject(new Error("not today")),
    });
    await expect(race).rejects.toThrow("not today");
  });

  test("wrong arguments", async () => {
    await expect(raceProcesses({ script: "x", count: 0 })).rejects.toThrow(TypeError);
  });
});
