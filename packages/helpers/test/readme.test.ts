import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)];
const home = mkdtempSync(join(tmpdir(), "auth-helpers-"));
afterAll(() => rmSync(home, { recursive: true }));

/** The user's own git settings, and programs with the names that the README calls. */
const files: Readonly<Record<string, string>> = {
  ".gitconfig": `[credential]\n\thelper = "!f() { test $1 = get && echo username=alice && echo password=p; }; f"\n`,
  "docker-credential-pass": `#!/bin/sh\nread -r url; echo '{"ServerURL":"'"$url"'","Username":"robot","Secret":"s"}'\n`,
  "aws-keys": `#!/bin/sh\necho '{"Version":1,"AccessKeyId":"AKIAEXAMPLE","SecretAccessKey":"ex"}'\n`,
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text, { mode: 0o755 });

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ['headers.get("authorization")', `Basic ${btoa("alice:p")}`],
  ["login.username, login.password.reveal()", "robot s"],
  ["JSON.stringify(await credentials())", '{"accessKeyId":"AKIAEXAMPLE","secretAccessKey":"ex"}'],
];

test.skipIf(process.platform === "win32").each(runs)(
  "README example %$ runs as printed: %s",
  async (look, seen) => {
    const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
    // The app of the example has both packages; in here, one is the other's neighbour.
    const exec = JSON.stringify(new URL("../sources/exec/src/index.ts", folder).href);
    const program = code.replace('"@auth/exec"', exec).replace("/opt/acme", home);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--conditions=src",
        "--no-warnings",
        "--input-type=module-typescript",
        `--eval=${program}\nconsole.log(${look});`,
      ],
      { cwd: folder, env: { HOME: home, PATH: `${home}:/usr/bin:/bin` } },
    );
    expect(stdout).toBe(`${seen}\n`);
  },
);

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});

test("it is installed with no more than the README says", () => {
  const [, limit] = /^About (\d+) kB/m.exec(page) ?? [];
  // Sources are never smaller than what is published of them.
  const parts = ["src/**/*.ts", "node_modules/@auth/core/src/**/*.ts"];
  const paths = parts.flatMap((part) => globSync(part, { cwd: folder }));
  const sizes = paths.map((path) => statSync(realpathSync(fileURLToPath(new URL(path, folder)))).size);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  expect(bytes / 1_000).toBeGreaterThan(Number(limit) * 0.8);
  expect(bytes / 1_000).toBeLessThan(Number(limit) * 1.2);
});
