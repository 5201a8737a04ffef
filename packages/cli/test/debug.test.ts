import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("SEC-4 --debug shows what other code says of its failure, on standard error only, and never in JSON", async () => {
  const { run, configure, write } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:ACME_TOKEN" } });
  const words = canary("foreign-words");
  const foreign = write(
    "foreign.mjs",
    `export const scheme = { scheme: "env", parse: () => ({ name: "foreign", get: function reading() {
      throw new RangeError("\\u001b[2Jcannot read ${words.value}", { cause: new Error("the inner one") });
    } }) };`,
  );
  const hooks = write(
    "hooks.mjs",
    `import { registerHooks } from "node:module";
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === "@auth/env" ? { url: "file://${foreign}", format: "module", shortCircuit: true } : next(specifier, context),
    });`,
  );
  const env = { NODE_OPTIONS: `--import=${hooks}` };

  const plain = await run(["token"], { env });
  expect(plain).toMatchObject({ code: 1, stdout: "" });
  expect(plain.stderr).toContain("RangeError");
  expect(plain.stderr).toContain("--debug shows them");

  const debug = await run(["token", "--debug"], { env });
  expect(debug).toMatchObject({ code: 1, stdout: "" });
  expect(debug.stderr).toMatch(/^auth: --debug .* may hold secrets/);
  expect(debug.stderr).toContain(`RangeError: cannot read ${words.value}`);
  expect(debug.stderr).toContain("foreign.mjs:");
  expect(debug.stderr).toContain("the inner one");
  expect(debug.stderr).not.toContain("\u001b");

  const asJson = await run(["token", "--debug", "--json"], { env });
  expect(asJson).toMatchObject({ code: 1, stdout: "" });
  expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { reason: "unexpected-failure" } });
  words.check(plain, asJson);
});
