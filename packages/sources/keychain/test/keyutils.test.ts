import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// Not demanded by AUTH_IT: some containers forbid it, whatever is installed in them.
const program = "keyctl";
const there = spawnSync(program, ["session", "-", "true"]).status === 0;
if (!there)
  console.warn("SKIPPED: no test used the kernel's keyring, as `keyctl session` does not work here.");

test.skipIf(!there)("the kernel keeps a login if it is asked to, without any session bus", () => {
  const service = randomUUID();
  const script = fileURLToPath(new URL("children/keyutils.ts", import.meta.url));
  const command = [process.execPath, "--conditions=src", "--no-warnings", script, service];
  const env = { PATH: process.env["PATH"] ?? "" };
  const { stdout } = spawnSync(program, ["session", "-", ...command], { env, encoding: "utf8" });
  expect(stdout).toBe("undefined text true undefined\n");
});
