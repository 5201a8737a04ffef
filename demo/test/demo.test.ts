import { stripVTControlCharacters } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { type Run, runDemo } from "./run-demo.ts";

const patience = 120_000;
let inPipe: Run;
let onTerminal: Run;
let interrupted: Run;

// Each takes its time, most of it asleep.
beforeAll(async () => {
  [inPipe, onTerminal, interrupted] = await Promise.all([
    runDemo("pipe"),
    runDemo("terminal"),
    runDemo("terminal", "the early window begins"),
  ]);
}, patience);

/** What it says was measured: name → value. */
function measured({ output }: Run): Record<string, string> {
  const rows = stripVTControlCharacters(output).split("What was measured")[1] ?? "";
  return Object.fromEntries(
    [...rows.matchAll(/^ {3}(\S.*?) {2,}(\S+)/gm)].map(([, what, value]) => [what, value]),
  );
}

describe.each([
  ["in a pipe", () => inPipe],
  ["on a terminal", () => onTerminal],
])("%s", (_, run) => {
  test("the demo holds, and says what it measured", () => {
    const { code, output } = run();
    expect(output).not.toContain("✗");
    expect(code).toBe(0);
    expect(measured(run())).toMatchObject({
      "source that has the credential": "file",
      "token requests for 100 first callers": "1",
      "the API's answer with it": "200",
      "of 200 calls in the early window, those that waited": "0",
      "its requests to the authorization server": "0",
      "calls failed during the outage": "0",
      "requests to the dead token endpoint": expect.stringMatching(/^[1-5]$/),
      "by hand: processes logged out": "2",
      "with auth: spent refresh tokens sent again": "0",
      "with auth: calls failed": "0",
      "secrets printed": "0",
    });
  });

  test("nothing that looks like a secret is printed", () => {
    expect(run().output).not.toContain("demo-secret");
    expect(run().output).not.toMatch(/[\w-]{30,}/);
  });

  test("no line is wider than 80 columns", () => {
    const lines = stripVTControlCharacters(run().output).split(/[\r\n]+/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("nothing is left behind", () => {
    expect(run().left).toEqual([]);
  });
});

test("in a pipe there are plain lines, and nothing moves", () => {
  expect(stripVTControlCharacters(inPipe.output)).toBe(inPipe.output);
  expect(inPipe.output).not.toContain("\r");
  expect(inPipe.output).not.toMatch(/[⠋⠙⠹]/);
});

test("on a terminal there is colour, and the cursor comes back", () => {
  expect(onTerminal.output).toContain("\x1b[32m✓");
  expect(onTerminal.output.lastIndexOf("\x1b[?25h")).toBeGreaterThan(
    onTerminal.output.lastIndexOf("\x1b[?25l"),
  );
});

test("Ctrl-C ends it, gives the cursor back and leaves nothing", () => {
  expect(interrupted.code).toBe(130);
  expect(interrupted.output.endsWith("\x1b[?25h")).toBe(true);
  expect(interrupted.left).toEqual([]);
});
