import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporary } from "./temporary.ts";

const folder = new URL("..", import.meta.url);
const examples = [...readFileSync(new URL("README.md", folder), "utf8").matchAll(/^```ts\n(.*?)^```/gms)];
const { put } = temporary();

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ['headers.get("authorization")', `Basic ${btoa("alice:correct horse")}`],
  [
    "(await Promise.all([password, key, mounted].map((p) => p.get()))).map((c) => c.type).join()",
    "password,private-key,api-key",
  ],
  ["credential.username", "alice"],
];

test.each(runs)("README example %$ runs as printed: %s", async (look, seen) => {
  const secrets = dirname(put("acme.json", '{"username":"alice","password":"correct horse"}')).replaceAll(
    "\\",
    "/",
  );
  put("acme_password", "correct horse\n");
  put("acme.pem", "-----BEGIN PRIVATE KEY-----\n");
  put("acme/api-key", "k\n");
  const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      "--input-type=module-typescript",
      `--eval=${code.replaceAll("/run/secrets", secrets)}\nconsole.log(${look});`,
    ],
    { cwd: folder },
  );
  expect(stdout).toBe(`${seen}\n`);
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});
