import { expect, test } from "vitest";
import { measure, median } from "../import-cost.ts";
import { CommandFailed, run } from "../run.ts";
import { table } from "../table.ts";

const node = (script: string, timeoutMs?: number): Promise<string> =>
  run(process.execPath, ["-e", script], timeoutMs === undefined ? {} : { timeoutMs });

test("a command's standard output is its answer", async () => {
  expect(await node("console.log('out'); console.error('err')")).toBe("out\n");
});

test("a command that fails shows all that it wrote", async () => {
  const failed = node("console.log('out'); console.error('err'); process.exitCode = 3");
  await expect(failed).rejects.toThrow(CommandFailed);
  await expect(failed).rejects.toThrow(/ended with 3\n(out\nerr|err\nout)$/);
  await expect(run("no-such-command", [])).rejects.toThrow("ENOENT");
});

test("a command that hangs is ended", async () => {
  await expect(node("setInterval(() => {}, 1000)", 300)).rejects.toThrow("SIGTERM");
  const child = "require('node:child_process').spawn('sleep', ['5'], { stdio: 'inherit' })";
  await expect(node(child, 300)).rejects.toThrow("SIGTERM");
});

test("a table is plain outside of a terminal", () => {
  expect(
    table(
      ["a", "bb"],
      [
        ["1", "2"],
        ["333", ""],
      ],
      () => "red",
    ),
  ).toBe("a    bb\n1    2\n333");
});

test("the median is the middle, or between the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test("what an import adds is measured in pairs: what slows both does not count, nor does one odd run", () => {
  let run = 0;
  const weather = (): number => 40 + (run++ < 10 ? 0 : 25);
  const { addedMs } = measure(weather, () => weather() + 2 + (run === 5 ? 300 : 0));
  expect(addedMs).toBe(2);
});
