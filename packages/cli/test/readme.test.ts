import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { validateConfig } from "../src/config/validate.ts";
import { exitCode } from "../src/exit-code.ts";
import { sandbox } from "./sandbox.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
// The first two of the shell are the installation.
const [packed = "", published = "", ...shell] = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(
  ([, code]) => code ?? "",
);
const typescript = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");
const json = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, code]) => code ?? "");

test.skipIf(process.platform === "win32")("the README's commands run as printed", () => {
  const { home, path, configPath } = sandbox();
  // All succeed. `auth status devices` says by its exit code that a login is needed, as the page says it does.
  const lines = ["trap 'echo \"ended with $?\" >&2' ERR", ...shell].join("\n");
  const { stdout, stderr } = spawnSync("bash", ["-c", lines], {
    encoding: "utf8",
    env: {
      HOME: home,
      AUTH_CONFIG: configPath,
      XDG_STATE_HOME: home,
      PATH: path(),
    },
  });
  expect(stderr).not.toContain("auth:");
  expect(stderr.match(/^ended with .*$/gm)).toEqual([`ended with ${exitCode.loginNeeded}`]);
  const [token, header, inChild, ...rest] = stdout.split("\n");
  expect([token, header, inChild]).toEqual(["the-token", "authorization: Bearer the-token", "the-token"]);
  expect(rest.join("\n")).toContain("auth token billing fails: no source has the credential.");
});

test("no shell takes a word of the README's commands for a pattern", () => {
  expect(shell.join("")).toContain("'env:BILLING_*'");
  expect(shell.join("").replace(/'[^'\n]*'/g, "")).not.toMatch(/[*?[\]]/);
});

test("what is packed at the installation has what the README's commands need", () => {
  const names = /pack:all \S+ (.*)/.exec(packed)?.[1]?.split(" ");
  const services = [...shell.join("").matchAll(/--grant (yaku|jamf-pro|yamcs|descartes-labs)/g)];
  expect(names).toEqual(expect.arrayContaining(["cli", ...services.map(([, name]) => name)]));
  expect(published).toBe("npm install --global @auth/cli@100\n");
});

test("the README's configurations are some", () => {
  expect(json).toHaveLength(3);
  for (const text of json) expect(() => validateConfig(JSON.parse(text ?? ""), "README.md")).not.toThrow();
});

test("the README's program runs as printed", async () => {
  expect(typescript).toHaveLength(1);
  const { configure, configPath } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:T" } });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      "--input-type=module-typescript",
      `--eval=${typescript[0]}\nconsole.log(exitCode);`,
    ],
    { cwd: folder, env: { AUTH_CONFIG: configPath, T: "the-token" } },
  );
  expect(stdout).toBe("the-token\n0\n");
});
