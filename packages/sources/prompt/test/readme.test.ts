import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { drive, type Step } from "./drive.ts";

const folder = new URL("..", import.meta.url);
const examples = [...readFileSync(new URL("README.md", folder), "utf8").matchAll(/^```ts\n(.*?)^```/gms)];

/** For each example: what the person does, what to look at afterwards, and what that is. */
const runs: [steps: Step[], look: string, seen: string][] = [
  [[["Password for alice", "pw\r"]], 'headers.get("authorization")', `Basic ${btoa("alice:pw")}`],
  [[], "(await credentials.get()).type", "api-key"],
  [[["Acme key", "k\r"]], "credential.source", "prompt Acme key"],
];

test.each(runs)("README example %$ runs as printed", { timeout: 30_000 }, async (steps, look, seen) => {
  const [, code] = examples[runs.findIndex(([own]) => own === steps)] ?? [];
  const { screen } = await drive(
    [
      process.execPath,
      "--conditions=src",
      "--no-warnings",
      "--input-type=module-typescript",
      `--eval=${code}\nconsole.log("<" + ${look} + ">");`,
    ],
    steps,
  );
  expect(screen).toContain(`<${seen}>`);
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});
