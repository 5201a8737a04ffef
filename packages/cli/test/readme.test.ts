import { execFile, spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { configSchema } from "../src/config/schema.ts";
import { validate } from "../src/config/validate.ts";
import { bin, sandbox } from "./sandbox.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
// The first of the shell is the installation.
const [, ...shell] = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, code]) => code ?? "");
const typescript = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");
const json = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, code]) => code ?? "");

test.skipIf(process.platform === "win32")("the README's commands run as printed", () => {
  const { home, write, configPath } = sandbox();
  const start = `#!/bin/sh\nexec "${process.execPath}" --conditions=src --no-warnings "${bin}" "$@"\n`;
  chmodSync(write("bin/auth", start), 0o755);
  const { stdout, stderr, status } = spawnSync("bash", ["-ec", shell.join("\n")], {
    encoding: "utf8",
    env: {
      HOME: home,
      AUTH_CONFIG: configPath,
      XDG_STATE_HOME: home,
      PATH: `${join(home, "bin")}:${process.env["PATH"]}`,
    },
  });
  expect([status, stderr]).toEqual([0, expect.not.stringContaining("auth:")]);
  const [token, header, inChild, ...rest] = stdout.split("\n");
  expect([token, header, inChild]).toEqual(["the-token", "authorization: Bearer the-token", "the-token"]);
  expect(rest.join("\n")).toContain("auth token billing fails: no source has the credential.");
});

test("the README's configurations are some", () => {
  expect(json).toHaveLength(2);
  for (const text of json)
    expect(() => validate(configSchema, JSON.parse(text ?? ""), "README.md")).not.toThrow();
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
