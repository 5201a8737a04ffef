import { expect, test } from "vitest";
import type { Profile } from "../src/config/config.ts";
import { sandbox } from "./sandbox.ts";

const url = "https://service.example";
const profiles: Readonly<Record<string, Profile>> = {
  "jamf-pro": { grant: { type: "jamf-pro", server: url } },
  yaku: { grant: { type: "yaku", url } },
  yamcs: { grant: { type: "yamcs", url } },
  "descartes-labs": { grant: { type: "descartes-labs" } },
  keychain: { grant: { type: "bearer" }, store: { type: "keychain" } },
};

test.each(Object.keys(profiles))(
  "without @auth/%s, a profile that needs it says what to install, and others work",
  async (name) => {
    const { run, configure, write } = sandbox();
    configure({ ...profiles, other: { grant: { type: "bearer" }, credentials: "env:T" } });
    // Node looks for the package in a place where it is not installed.
    const hooks = write(
      "hooks.mjs",
      `import { registerHooks } from "node:module";
    registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier, specifier.startsWith("@auth/${name}") ? { ...context, parentURL: "file:///nowhere/x.mjs" } : context),
    });`,
    );
    const env = { T: "abc", NODE_OPTIONS: `--import=${hooks}` };
    for (const line of [
      ["token", name],
      ["login", name, "--json"],
    ]) {
      const ran = await run(line, { env });
      expect(ran).toMatchObject({ code: line[0] === "login" && name === "yaku" ? 3 : 1, stdout: "" });
      if (ran.code === 1) expect(ran.stderr).toContain(`@auth/${name} is not installed`);
    }
    expect((await run(["token", "other"], { env })).stdout).toBe("abc\n");
  },
);

test.each([
  ["a syntax error", "export const x = ;", "SyntaxError: Unexpected token"],
  ["a name that is not exported", 'import { nope } from "node:fs"; export { nope };', "named 'nope'"],
  ["a dependency that is not there", 'import "no-such-dependency";', "no-such-dependency"],
  ["CommonJS where it is a module", 'require("node:fs");', "require is not defined"],
  ["something thrown", 'throw new Error("no luck with openssl");', "no luck with openssl"],
])("a package that is there and cannot be loaded says why: %s", async (_name, code, words) => {
  const { run, configure, write } = sandbox();
  configure({ ...profiles, vault: { grant: { type: "bearer" }, credentials: "aws-sm://eu-west-1/acme" } });
  const broken = write("broken.mjs", code);
  const hooks = write(
    "hooks.mjs",
    `import { registerHooks } from "node:module";
    registerHooks({
      resolve: (specifier, context, next) =>
        /^@auth\\/(?:yamcs|aws)/.test(specifier) ? { url: "file://${broken}", format: "module", shortCircuit: true } : next(specifier, context),
    });`,
  );
  const env = { NODE_OPTIONS: `--import=${hooks}` };
  for (const [name, needed] of [
    ["yamcs", "@auth/yamcs"],
    ["vault", "@auth/aws-secrets-manager"],
  ] as const) {
    const ran = await run(["token", name], { env });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain(`${needed} cannot be loaded: `);
    expect(ran.stderr).toContain(words);
    const asJson = await run(["token", name, "--json"], { env });
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { reason: "load-failed" } });
  }
});

test("so does a part of the command itself", async () => {
  const { run, configure, write } = sandbox();
  configure({
    acme: { grant: { type: "client-credentials", issuer: "https://idp.example" }, credentials: "env:A_*" },
  });
  const broken = write("broken.mjs", "export { nope };");
  const hooks = write(
    "hooks.mjs",
    `import { registerHooks } from "node:module";
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === "@auth/oauth" ? { url: "file://${broken}", format: "module", shortCircuit: true } : next(specifier, context),
    });`,
  );
  const ran = await run(["token"], { env: { NODE_OPTIONS: `--import=${hooks}` } });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toMatch(/^auth: A part of the command cannot be loaded: SyntaxError: .*nope/);
});
