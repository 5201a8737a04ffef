import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");

test("the README's examples run as printed", async () => {
  assert.ok(examples.length > 0);
  for (const example of examples) {
    // The name means what was built last; what is tested is what stands in src.
    const code = example.replaceAll('"auth-source-thing"', '"./src/index.ts"');
    const run = ["--input-type=module-typescript", `--eval=${code}\nconsole.log(token.reveal());`];
    const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", ...run], {
      cwd: new URL("..", import.meta.url),
      env: process.env["NODE_OPTIONS"] ? { NODE_OPTIONS: process.env["NODE_OPTIONS"] } : {},
    });
    assert.equal(stdout, "the-token\n");
  }
});
