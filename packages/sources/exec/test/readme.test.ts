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
const tools = mkdtempSync(join(tmpdir(), "auth-exec-"));
afterAll(() => rmSync(tools, { recursive: true }));

/** Programs with the names that the README calls. */
const programs: Readonly<Record<string, string>> = {
  gh: "echo gh-token",
  op: "echo op-secret",
  acme: `case "$1$2" in key) exit 44;; key*) echo "key of $2";; *) echo '{"session":{"login":{"username":"alice","password":"p"}}}';; esac`,
  "docker-credential-pass": `read -r url; echo '{"ServerURL":"'"$url"'","Username":"robot","Secret":"s"}'`,
  "aws-keys": `echo '{"Version":1,"AccessKeyId":"AKIAEXAMPLE","SecretAccessKey":"ex"}'`,
};
for (const [name, script] of Object.entries(programs))
  writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ['headers.get("authorization")', "Bearer gh-token"],
  [
    "(await Promise.allSettled([password, login, key].map((p) => p.get()))).map((r) => r.value?.password.reveal() ?? r.reason.code).join()",
    "op-secret,p,ERR_AUTH_NOT_FOUND",
  ],
  ["(await registry.get()).password.reveal(), accessKeyId, secretAccessKey.reveal()", "s AKIAEXAMPLE ex"],
  ["credential.token.reveal()", "op-secret"],
  ['(await fromAcme("billing").get()).key.reveal()', "key of billing"],
];

test.skipIf(process.platform === "win32").each(runs)(
  "README example %$ runs as printed: %s",
  async (look, seen) => {
    const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
    // The app of the example has both packages; in here, one is the other's neighbour.
    const helpers = JSON.stringify(new URL("../../helpers/src/index.ts", folder).href);
    const program = code.replace('"@auth/helpers"', helpers).replace("/opt/acme", tools);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--conditions=src",
        "--no-warnings",
        "--input-type=module-typescript",
        `--eval=${program}\nconsole.log(${look});`,
      ],
      { cwd: folder, env: { PATH: `${tools}:/usr/bin:/bin` } },
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
  const parts = ["src/**/*.ts", "node_modules/@auth/core/src/**/*.ts", "node_modules/signal-exit/**/*"];
  const files = parts.flatMap((part) => globSync(part, { cwd: folder }));
  const paths = files.map((file) => realpathSync(fileURLToPath(new URL(file, folder))));
  const sizes = paths.map((path) => statSync(path)).filter((stats) => stats.isFile());
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  expect(bytes / 1_000).toBeGreaterThan(Number(limit) * 0.8);
  expect(bytes / 1_000).toBeLessThan(Number(limit) * 1.2);
});
