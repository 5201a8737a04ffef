import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

const profiles = { acme: { grant: { type: "bearer" } }, "acme-test": { grant: { type: "bearer" } } } as const;

test.each([
  [
    [""],
    [
      "login",
      "logout",
      "token",
      "headers",
      "exec",
      "tokens",
      "status",
      "explain",
      "profiles",
      "config",
      "completion",
    ],
  ],
  [["to"], ["token", "tokens"]],
  [
    ["tokens", ""],
    ["create", "list", "revoke"],
  ],
  [["tokens", "list", "acme-"], ["acme-test"]],
  [
    ["token", ""],
    ["acme", "acme-test"],
  ],
  [["token", "acme-"], ["acme-test"]],
  [["token", "acme", ""], []],
  [
    ["--profile", ""],
    ["acme", "acme-test"],
  ],
  [["token", "--mi"], ["--min-ttl"]],
  [
    ["profiles", ""],
    ["add", "remove"],
  ],
  [["profiles", "remove", "acme-"], ["acme-test"]],
  [
    ["profiles", "add", "x", "--grant", "b"],
    ["bearer", "basic"],
  ],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [["exec", "acme", "--", "to"], []],
  [
    ["exec", "--env=X", ""],
    ["acme", "acme-test"],
  ],
  [
    ["profiles", "add", "x", "--client-secret-ref", ""],
    ["env:", "file:", "keychain:", "aws-sm:", "azure-kv:", "exec:"],
  ],
])("after %j", async (words, expected) => {
  const { run, configure } = sandbox();
  configure(profiles);
  const ran = await run(["__complete", "--", ...words]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout.split("\n").filter(Boolean)).toEqual(expected);
});

test("a broken configuration completes to nothing, in silence", async () => {
  const { run, write } = sandbox();
  write("config.json", "nonsense");
  expect(await run(["__complete", "--", "token", ""])).toEqual({ code: 0, stdout: "", stderr: "" });
});

const shells = {
  bash: (script: string) =>
    `source ${script}; COMP_WORDS=(auth token acme-); COMP_CWORD=2; _auth; echo "\${COMPREPLY[@]}"`,
  zsh: (script: string) =>
    `compdef() { :; }; compadd() { echo "\${found[@]}"; }; source ${script}; words=(auth token acme-); CURRENT=3; _auth`,
  fish: (script: string) => `source ${script}; complete -C "auth token acme-"`,
};

const installed = (shell: string) => spawnSync(shell, ["--version"]).error === undefined;

describe.each(Object.entries(shells))("%s", (shell, program) => {
  // Skipped aloud where it is a choice, and a failure where everything is promised to be there.
  const skip = !installed(shell) && process.env["AUTH_IT"] !== "require";
  test.skipIf(skip)("understands its script", async () => {
    const { run, configure, write, home, path, configPath } = sandbox();
    configure(profiles);
    const { code, stdout } = await run(["completion", shell]);
    expect(code).toBe(0);
    const script = write(`completion.${shell}`, stdout);
    const ran = spawnSync(shell, ["-c", program(script)], {
      encoding: "utf8",
      env: { HOME: home, AUTH_CONFIG: configPath, PATH: path() },
    });
    expect(ran.stdout.trim()).toBe("acme-test");
    expect(ran.stderr).toBe("");
  });
});
