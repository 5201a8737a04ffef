import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(
  ([, code], at) => [at + 1, code ?? ""] as const,
);

test.each(examples)("README example %i runs as printed", { timeout: 30_000 }, async (_, code) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=src", "--no-warnings", "--input-type=module-typescript", `--eval=${code}`],
    { cwd: folder, env: {} },
  );
  // What is printed stands behind the line that prints it.
  const printed = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  if (printed.length > 0) expect(stdout.trim().split("\n")).toEqual(printed);
  else expect(stdout).toMatch(/pass [1-9]\d*\n.*fail 0\n/s);
});
