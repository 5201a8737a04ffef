import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import type { Config } from "../src/config/config.ts";
import { type Sandbox, sandbox } from "./sandbox.ts";

/** Packages of others, where Node finds them beside the command. */
const packages: Readonly<Record<string, string>> = {
  "auth-source-notebook": `
    import { appendFileSync } from "node:fs";
    appendFileSync(process.env.LOADED, "notebook ");
    const pages = { billing: "the-key" };
    export const scheme = {
      scheme: "notebook",
      selectors: ["page"],
      parse: ({ path }) => {
        if (path === "odd") throw new TypeError(process.env.CANARY);
        if (path === "none") return undefined;
        return {
          name: "notebook " + path,
          async get() {
            if (path === "nothing") return undefined;
            if (path === "broken") throw new Error(process.env.CANARY);
            if (pages[path]) return { type: "access-token", token: { reveal: () => pages[path] }, source: "notebook " + path };
            const error = new Error("notebook " + path + ": no such page. Write one.");
            throw error;
          },
        };
      },
    };`,
  "auth-source-late": `throw new RangeError(process.env.CANARY);`,
  "auth-source-torn": `export const scheme = {`,
  "auth-source-hung": `setInterval(() => {}, 1_000); await new Promise(() => {});`,
};

function withPackages(box: Sandbox, sources: Record<string, string>, more: Partial<Config> = {}) {
  const files = Object.entries(packages).map(([name, text]) => [name, box.write(`${name}.mjs`, text)]);
  const hooks = box.write(
    "hooks.mjs",
    `import { registerHooks } from "node:module";
     import { pathToFileURL } from "node:url";
     const files = new Map(${JSON.stringify(files)});
     registerHooks({
       resolve: (specifier, context, next) =>
         files.has(specifier) ? { url: pathToFileURL(files.get(specifier)).href, shortCircuit: true } : next(specifier, context),
     });`,
  );
  const secret = canary("words-of-others");
  const LOADED = box.write("loaded", "");
  const profile = (...references: string[]) =>
    ({ grant: { type: "bearer" }, credentials: references, store: { type: "memory" } }) as const;
  const profiles = {
    billing: profile("notebook:billing"),
    broken: profile("notebook:broken"),
    odd: profile("notebook:odd"),
    none: profile("notebook:none"),
    nothing: profile("notebook:nothing"),
    selector: profile("notebook:billing?pages=2"),
    own: profile("env:T"),
  };
  box.configure(profiles, { sources, ...more });
  const env = { NODE_OPTIONS: `--import=${hooks}`, LOADED, CANARY: secret.value, T: "abc" };
  return { env, secret, run: (...line: string[]) => box.run(line, { env }) };
}

test("SEC-112 a source of another package is used when the user's configuration names its package", async () => {
  const box = sandbox();
  const { run, secret } = withPackages(box, { notebook: "auth-source-notebook" });
  expect(await run("token", "billing")).toEqual({ code: 0, stdout: "the-key\n", stderr: "" });
  const explained = await run("explain", "billing");
  expect(explained.stdout).toContain("notebook billing");
  expect(explained.stdout).toContain("uses the credential of notebook billing");

  const said = {
    broken: "notebook broken: failed unexpectedly (Error); its words are withheld",
    odd: "auth-source-notebook: failed unexpectedly (TypeError); its words are withheld",
    none: "makes no provider",
    nothing: "notebook nothing",
    selector: '"pages" is not a selector of notebook:. It knows: optional, page.',
  };
  for (const [name, words] of Object.entries(said)) {
    const ran = await run("token", name);
    expect(ran).toMatchObject({ code: name === "none" ? 6 : 1, stdout: "" });
    expect(ran.stderr).toContain(words);
    secret.check(ran);
  }
  expect((await run("__complete", "--", "profiles", "add", "x", "--credentials", "n")).stdout).toBe(
    "notebook:\n",
  );
});

test("SEC-112 it is loaded only for a profile that names its scheme", async () => {
  const box = sandbox();
  const { run, env } = withPackages(box, { notebook: "auth-source-notebook" });
  const loaded = async (...line: string[]) => {
    box.write("loaded", "");
    await run(...line);
    return (await box.run(["exec", "own", "--", "cat", env.LOADED], { env })).stdout;
  };
  expect(await loaded("token", "own")).toBe("");
  expect(await loaded("status", "own")).toBe("");
  expect(await loaded("__complete", "--", "token", "")).toBe("");
  expect(await loaded("token", "billing")).toBe("notebook ");
});

test.each([
  ["nobody has installed", "auth-source-absent", "is not installed. Install it beside @auth/cli.", 1],
  ["reads something else", "@auth/env", 'does not read "notebook:"; it reads "env:"', 6],
  [
    "fails as it is loaded",
    "auth-source-late",
    "failed as it was loaded (RangeError); its words are withheld",
    1,
  ],
  ["hangs as it is loaded, and keeps a timer", "auth-source-hung", "has not finished loading within 5 s", 1],
  ["is torn", "auth-source-torn", "cannot be loaded: SyntaxError", 1],
])("SEC-112 a package that %s is named, with what to do", async (_, name, words, code) => {
  const { run, secret } = withPackages(sandbox(), { notebook: name });
  const ran = await run("token", "billing");
  expect(ran).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(words) });
  expect(ran.stderr).toContain(name);
  secret.check(ran);
  expect((await run("token", "own")).stdout).toBe("abc\n");
});

test.each([
  ["a path", { notebook: "./notebook.mjs" }, '"sources.notebook" must be the name of a package'],
  [
    "an address",
    { notebook: "https://evil.example/x.mjs" },
    '"sources.notebook" must be the name of a package',
  ],
  ["a way out", { notebook: "../x" }, '"sources.notebook" must be the name of a package'],
  ["one of our schemes", { env: "auth-source-notebook" }, '"sources.env" is not a scheme of another package'],
  ["no source at all", {}, '"profiles.billing.credentials.0" must name a secret'],
])(
  "SEC-112 SEC-115 %s in its place is refused, and what is there is not shown",
  async (_, sources, words) => {
    const { run, env } = withPackages(sandbox(), sources as Record<string, string>);
    const ran = await run("token", "own");
    expect(ran).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining(words) });
    expect(ran.stderr).not.toContain("notebook:billing");
    expect(env.T).toBe("abc");
  },
);
