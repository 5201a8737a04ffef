import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");

test.each(examples)("README example runs as printed: %s", async (code) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      "--input-type=module-typescript",
      `--eval=${code}\nconsole.log(token.reveal());`,
    ],
    { cwd: new URL("..", import.meta.url), env: {} },
  );
  expect(stdout).toBe("the-token\n");
});
