import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("SEC-112 nothing that lies around is loaded: not from the working directory, node_modules or the PATH", async () => {
  const { run, configure, write, home } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:ACME_TOKEN" } });
  const mark = join(home, "loaded");
  const evil = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")`;
  for (const name of ["auth-source-evil", "@auth/env", "@auth/evil", "commander"]) {
    write(
      `project/node_modules/${name}/package.json`,
      JSON.stringify({ name, main: "index.cjs", keywords: ["auth-source"] }),
    );
    write(`project/node_modules/${name}/index.cjs`, evil);
  }
  for (const file of ["auth.config.js", ".authrc.js", "auth.js"]) write(`project/${file}`, evil);
  write("project/auth-source-evil", `#!/bin/sh\ntouch '${mark}'\n`, 0o755);
  const cwd = join(home, "project");
  const env = { ACME_TOKEN: "abc", PATH: `${cwd}:${process.env["PATH"]}`, NODE_PATH: "" };
  for (const line of [["token"], ["explain"], ["config", "check"]])
    expect((await run(line, { cwd, env })).code).toBe(0);
  expect(existsSync(mark)).toBe(false);
});

test("SEC-112 every import names its package, but the one of what the user's configuration names", () => {
  const src = new URL("../src", import.meta.url).pathname;
  const computed = globSync("**/*.ts", { cwd: src }).filter((file) =>
    /\bimport\((?!")|\brequire\(|createRequire/.test(readFileSync(join(src, file), "utf8")),
  );
  expect(computed).toEqual(["source-package.ts"]);
});
