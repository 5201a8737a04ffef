import { once } from "node:events";
import { readFileSync } from "node:fs";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { ended, sandbox } from "./sandbox.ts";

test("SEC-120 no option takes a secret, and what was typed is not repeated", async () => {
  const { run } = sandbox();
  const secret = canary("typed");
  const value = secret.value;
  const lines = [
    ["login", "--token", value],
    ["login", `--password=${value}`],
    ["token", `--client-secret=${value}`],
    ["login", `-p${value}`],
    ["login", "acme", value],
    ["profiles", "add", "x", "--grant", value],
    ["completion", value],
    ["token", "--min-ttl", value],
    ["exec", "--env", `=${value}`, "--", "true"],
    ["profiles", "add", `x ${value}`, "--grant", "bearer"],
    [value],
    [`a\n${value}`],
    [`--a'b\n${value}=${value}`],
    ["profiles", "add", "x", "--grant", `'${value}' or\n'${value}`],
  ];
  const ran = await Promise.all(lines.map((line) => run(line)));
  expect(ran.map(({ code, stdout }) => [code, stdout])).toEqual(lines.map(() => [2, ""]));
  secret.check(ran);
  expect(ran[1]?.stderr).toContain("No option takes a secret");
});

test("SEC-120 a secret in the place of a profile or a reference is not repeated", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" } } });
  const secret = canary("misplaced");
  const key = "4f9a1c0d7be24e55a0c3d18b6f2e7a90"; // as long as many are
  const named = [
    await run(["token", key]),
    await run(["login", key]),
    await run(["profiles", "remove", key]),
    await run(["token"], { env: { AUTH_PROFILE: key } }),
  ];
  expect(named.map(({ code, stderr }) => [code, stderr.includes(key)])).toEqual(named.map(() => [4, false]));
  expect((await run(["token", "acmee"])).stderr).toContain('"acmee"');
  const ran = [
    await run(["token", secret.value]),
    await run(["profiles", "add", "x", "--grant", "bearer", "--credentials", secret.value]),
    await run([
      "profiles",
      "add",
      "x",
      "--grant",
      "password",
      "--client-id",
      "a",
      "--client-secret-ref",
      secret.value,
      "--issuer",
      "https://a.example",
    ]),
  ];
  expect(ran.map(({ code }) => code)).toEqual([4, 2, 2]);
  secret.check(ran);
});

test("SEC-120 what looks like a key is not taken for a profile's name, and nowhere shown", async () => {
  const { run, configure, configPath } = sandbox();
  configure({});
  const before = readFileSync(configPath, "utf8");
  for (const key of [
    "sk_live_4242424242424242424242424242",
    "4f9a1c0d7be24e55a0c3d18b6f2e7a90",
    "ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
    "123e4567-e89b-12d3-a456-426614174000",
  ]) {
    const ran = await run(["profiles", "add", key, "--grant", "bearer"]);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("looks like a key") });
    expect(ran.stderr).not.toContain(key);
    expect((await run(["token", key])).stderr).not.toContain(key); // as everywhere
  }
  expect(readFileSync(configPath, "utf8")).toBe(before);
  for (const name of ["svc2", "staging-us-east-2", "acme.prod.2026-12-01", "theInternationalBillingApp"])
    expect((await run(["profiles", "add", name, "--grant", "bearer"])).code).toBe(0);
});

test("how a profile is changed is what the help says, and so is that removing takes a name", async () => {
  const { run, configure } = sandbox();
  const acme = { grant: { type: "bearer" } } as const;
  configure({ acme, other: acme }, { defaultProfile: "acme" });
  const edit = await run(["profiles", "edit", "acme"]);
  expect(edit).toMatchObject({ code: 2, stderr: expect.stringContaining("See auth profiles --help") });
  const help = (await run(["profiles", "--help"])).stdout.replace(/\s+/g, " ");
  expect(help).toContain(
    "To change one: auth profiles add with --force, or edit the file that auth config path names.",
  );
  expect((await run(["profiles", "remove", "--help"])).stdout).not.toContain("default");
  const removed = await run(["profiles", "remove", "acme"]);
  expect(removed.stderr).toContain("used when none was named");
  expect((await run(["profiles", "remove", "other"])).stderr).not.toContain("none was named");
});

test("help goes to standard output, and fits 80 columns", async () => {
  const { run, inTerminal } = sandbox();
  const commands = [
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
  ];
  const help = await run(["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  for (const command of commands) expect(help.stdout).toContain(`  ${command}`);
  for (const line of [["--help"], ["help", "login"], ["profiles", "add", "--help"], ["exec", "-h"]]) {
    const { code, raw, screen } = await inTerminal(line);
    expect(code).toBe(0);
    expect(raw).toContain("\u001b[1m");
    expect(Math.max(...screen.split("\n").map((row) => row.length))).toBeLessThanOrEqual(80);
  }
});

test("no command at all is a mistake, and shows the help", async () => {
  const { run } = sandbox();
  expect(await run([])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("Usage: auth"),
  });
});

test("SEC-124 options without a command are as unfinished as nothing, in the group that they are in", async () => {
  const { run } = sandbox();
  for (const [line, usage] of [
    [["-v"], "Usage: auth [options]"],
    [["--profile", "acme", "--debug"], "Usage: auth [options]"],
    [["tokens"], "Usage: auth tokens"],
    [["config", "--verbose"], "Usage: auth config"],
  ] as const)
    expect(await run(line)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(usage) });
  for (const [line, path] of [
    [["--json"], "auth"],
    [["config", "--json"], "auth config"],
  ] as const) {
    const ran = await run(line);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(JSON.parse(ran.stderr)).toEqual({
      error: {
        code: "ERR_AUTH_INVALID",
        reason: "usage",
        message: `${path}: say which command. See ${path} --help.`,
      },
    });
  }
});

test.each([
  [["profiles", "edit"], 'unknown command "edit". See auth profiles --help.'],
  [["tokens", "edit"], 'unknown command "edit". See auth tokens --help.'],
  [["config", "chek"], "Did you mean check?"],
  [["profiles", "add", "x"], "See auth profiles add --help."],
  [["token", "a", "b"], "See auth token --help."],
  [["exec", "svc", "node", "-v"], "two dashes: auth exec [profile] -- program …"],
  [["exec", "svc", "curl", "-H", "x"], "two dashes: auth exec [profile] -- program …"],
  [["exec", "curl"], "two dashes: auth exec -- curl"],
  [["exec", "svc", "--nonsense", "--", "curl"], "unknown option --nonsense. See auth exec --help."],
])("SEC-124 after %j the message says what is wrong, and where to read on", async (line, said) => {
  const ran = await sandbox().run(["--verbose", ...line]);
  expect(ran).toMatchObject({ code: 2, stdout: "" });
  expect(ran.stderr).toContain(said);
  expect(ran.stderr).toContain("ERR_AUTH_INVALID, usage; exit code 2");
});

test("the version is the package's", async () => {
  const { run } = sandbox();
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("plain in a pipe, colored on a terminal, unless NO_COLOR is set", async () => {
  const { run, inTerminal, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:ACME_TOKEN" } });
  for (const line of [["explain"], ["status"], ["profiles"], ["token"]]) {
    const { stdout, stderr } = await run(line);
    expect(stdout + stderr).not.toContain("\u001b");
  }
  expect((await inTerminal(["explain"])).raw).toContain("\u001b[");
  expect((await inTerminal(["explain"], [], { env: { NO_COLOR: "1" } })).raw).not.toContain("\u001b[3");
});

test("SEC-124 a reader that goes away is no failure", async () => {
  const { start } = sandbox();
  const child = start(["--help"]);
  child.stdout?.destroy();
  const chunks: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(String(chunk)));
  const [code] = await once(child, "close");
  expect([code, chunks.join("")]).toEqual([0, ""]);
});

test("two dashes are for exec", async () => {
  const { start } = sandbox();
  expect(await ended(start(["status", "--", "x"]))).toMatchObject({ code: 2, stdout: "" });
});
