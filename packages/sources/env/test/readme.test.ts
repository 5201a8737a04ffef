import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = new URL("..", import.meta.url);
const examples = [...readFileSync(new URL("README.md", folder), "utf8").matchAll(/^```ts\n(.*?)^```/gms)];

/** For each example: the environment it runs in, what to look at afterwards, and what that is. */
const runs: [env: Record<string, string>, look: string, seen: string][] = [
  [{ ACME_TOKEN: "the-token" }, 'headers.get("authorization")', "Bearer the-token"],
  [{ ACME_CLIENT_ID: "app", ACME_CLIENT_SECRET: "s" }, "credential.type", "client-secret"],
  [{ ACME_DATABASE: '{"main":{"token":"t"}}' }, "credential.source", "env ACME_DATABASE"],
];

test.each(runs)("README example %$ runs as printed", async (env, look, seen) => {
  const code = examples[runs.findIndex(([own]) => own === env)]?.[1];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      "--input-type=module-typescript",
      `--eval=${code}\nconsole.log(${look});`,
    ],
    { cwd: folder, env },
  );
  expect(stdout).toBe(`${seen}\n`);
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});
