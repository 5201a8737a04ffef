import { chmodSync, chownSync, lchownSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { userConfigPath } from "../src/config/paths.ts";
import { sandbox } from "./sandbox.ts";

const bearer = { grant: { type: "bearer" }, credentials: "env:T" } as const;
const env = { T: "abc" };
const isRoot = process.geteuid?.() === 0;

test("SEC-113 flags, then environment, then the project's choice, then the user's default", async () => {
  const { run, configure, write, home } = sandbox();
  configure({ a: bearer, b: bearer, c: bearer, d: bearer }, { defaultProfile: "a" });
  const because = async (args: string[], around: object) => {
    const { profile, because } = JSON.parse(
      (await run(["explain", "--json", ...args], around)).stdout,
    ) as Record<string, string>;
    return [profile, because];
  };
  const cwd = join(home, "project", "deep");
  mkdirSync(cwd, { recursive: true });
  expect(await because([], { cwd })).toEqual(["a", "your default"]);
  const file = write("project/.auth.json", '{"profile":"b"}', 0o664);
  expect(await because([], { cwd })).toEqual(["b", `picked by ${file}`]);
  expect(await because([], { cwd, env: { AUTH_PROFILE: "c" } })).toEqual(["c", "named by AUTH_PROFILE"]);
  expect(await because(["d"], { cwd, env: { AUTH_PROFILE: "c" } })).toEqual([
    "d",
    "named on the command line",
  ]);
  expect((await because(["--profile", "d"], { cwd }))[0]).toBe("d");
});

test.each(["origins", "issuer", "command", "profiles", "credentials", "store", "__proto__", "ca"])(
  "SEC-113 a project file that sets %s is refused, naming key and file, and nothing is read or sent",
  async (key) => {
    const { run, configure, write, home } = sandbox();
    configure({ a: bearer });
    const file = write("project/.auth.json", `{"profile":"a","${key}":"https://evil.example"}`);
    const ran = await run(["token"], { env, cwd: join(home, "project") });
    expect(ran).toMatchObject({ code: 6, stdout: "" });
    expect(ran.stderr).toContain(file);
    expect(ran.stderr).toContain(key === "__proto__" ? "__proto__" : `sets "${key}"`);
    // What the user says comes before what the project says.
    expect((await run(["token", "a"], { env, cwd: join(home, "project") })).code).toBe(0);
  },
);

test("SEC-113 a project can only pick what the user has defined", async () => {
  const { run, configure, write, home } = sandbox();
  configure({ a: bearer });
  write("project/.auth.json", '{"profile":"other"}');
  const ran = await run(["token"], { env, cwd: join(home, "project") });
  expect(ran).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining('"other"') });
});

test.skipIf(!isRoot)("SEC-118 the search upward stops at a directory of somebody else", async () => {
  const { run, configure, write, home } = sandbox();
  configure({ a: bearer, b: bearer }, { defaultProfile: "a" });
  write(".auth.json", '{"profile":"b"}');
  const theirs = join(home, "theirs");
  const mine = join(theirs, "mine");
  mkdirSync(mine, { recursive: true });
  chmodSync(theirs, 0o755);
  const picked = async () =>
    (JSON.parse((await run(["explain", "--json"], { cwd: mine })).stdout) as { profile: string }).profile;
  expect(await picked()).toBe("b");
  chownSync(theirs, 12345, 12345);
  expect(await picked()).toBe("a");
  const file = write("theirs/mine/.auth.json", '{"profile":"b"}');
  expect(await picked()).toBe("b");
  // One of somebody else in a folder of ours, as anybody may put it into /tmp: passed over, and told.
  chownSync(file, 12345, 12345);
  expect(await picked()).toBe("a");
  const ran = await run(["token"], { cwd: mine, env });
  expect(ran).toMatchObject({ code: 0, stdout: "abc\n" });
  expect(ran.stderr).toContain(`The project file ${file} belongs to user 12345, and is not used.`);
  rmSync(file);
  symlinkSync("/etc/hostname", file); // what it leads to is ours, but not the choice
  lchownSync(file, 12345, 12345);
  expect((await run(["token"], { cwd: mine, env })).stdout).toBe("abc\n");
});

test("SEC-114 no interpolation: text that looks like a variable is text", async () => {
  const { run, configure } = sandbox();
  const issuer = "https://$HOST.example/$T";
  configure({ a: { grant: { type: "client-credentials", issuer }, credentials: "file:/nowhere/$T" } });
  const ran = await run(["explain"], { env: { ...env, HOST: "interpolated" } });
  expect(ran.stdout).toContain("/nowhere/$T");
  expect(ran.stdout + ran.stderr).not.toMatch(/interpolated|abc/);
});

test.each([
  ["an unknown key", '{"profiles":{},"extra":1}', 'unknown key "extra"'],
  [
    "one in a profile",
    '{"profiles":{"a":{"grant":{"type":"bearer"},"commnad":1}}}',
    'unknown key "profiles.a.commnad"',
  ],
  [
    "one in a grant",
    '{"profiles":{"a":{"grant":{"type":"bearer","token":"canary"}}}}',
    'unknown key "profiles.a.grant.token"',
  ],
  [
    "an unknown grant",
    '{"profiles":{"a":{"grant":{"type":"canary"}}}}',
    '"profiles.a.grant.type" must be one of "client-credentials", ',
  ],
  [
    "what is missing",
    '{"profiles":{"a":{"grant":{"type":"client-credentials"}}}}',
    '"profiles.a.grant.issuer" is missing',
  ],
  [
    "another type",
    '{"profiles":{"a":{"grant":{"type":"basic","username":5}}}}',
    '"profiles.a.grant.username" must be string',
  ],
  ["an impossible name", '{"profiles":{"a b":{"grant":{"type":"bearer"}}}}', '"profiles.a b" is not a name'],
  [
    "a literal secret",
    '{"profiles":{"a":{"grant":{"type":"bearer"},"credentials":"canary"}}}',
    '"profiles.a.credentials" must name a secret',
  ],
  ["two of a kind", '{"profiles":{},"profiles":{}}', "is not strict JSON: duplicate"],
  ["a comment", '{"profiles":{} // canary\n}', "not JSON from line 1, column 16 on"],
  ["a list", "[]", '"profiles" is missing'],
  ["YAML", "profiles:\n  a: canary", "is not JSON"],
])(
  "SEC-115 SEC-13 the configuration is JSON, and %s is named, without its value",
  async (_name, content, message) => {
    const { run, write, configPath } = sandbox();
    write("config.json", content);
    for (const line of [["token"], ["profiles"], ["config", "check"]]) {
      const ran = await run(line);
      expect(ran).toMatchObject({ code: 6, stdout: "" });
      expect(ran.stderr).toContain(message);
      expect(ran.stderr).toContain(configPath);
      expect(ran.stderr).not.toContain("canary");
    }
  },
);

test("SEC-20 SEC-21 what the grants refuse is refused before anything is sent, naming the profile", async () => {
  const { run, configure } = sandbox();
  const withIssuer = (issuer: string) =>
    configure({ a: { grant: { type: "client-credentials", issuer }, credentials: "env:A_*" } });
  for (const issuer of [
    "http://idp.example",
    "https://user:canary@idp.example",
    "nonsense",
    "https://idp.example#canary",
  ]) {
    withIssuer(issuer);
    const ran = await run(["token"]);
    expect(ran).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining("The profile a: ") });
    expect(ran.stderr).not.toContain("canary");
    expect((await run(["config", "check"])).code).toBe(6);
  }
});

test("references do not depend on the working directory", async () => {
  const { run, configure, write } = sandbox();
  write("token.txt", "abc\n");
  configure({ a: { grant: { type: "bearer" }, credentials: "file:./token.txt" } });
  expect(await run(["token"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("file:~/"),
  });
  configure({ a: { grant: { type: "bearer" }, credentials: "file:~/token.txt" } });
  expect(await run(["token"])).toMatchObject({ code: 0, stdout: "abc\n" });
});

test("SEC-73 a configuration that others can write is refused, with the command that mends it", async () => {
  const { run, configure, configPath } = sandbox();
  configure({ a: bearer });
  chmodSync(configPath, 0o664);
  const ran = await run(["token"], { env });
  expect(ran).toMatchObject({ code: 6, stdout: "" });
  expect(ran.stderr).toContain("mode 664");
  expect(ran.stderr).toContain(`chmod go-w '${configPath}'`);
  chmodSync(configPath, 0o644);
  expect((await run(["token"], { env })).code).toBe(0);
});

test.skipIf(!isRoot)("SEC-73 a configuration of somebody else is refused", async () => {
  const { run, configure, configPath } = sandbox();
  configure({ a: bearer });
  chownSync(configPath, 12345, 12345);
  expect((await run(["token"], { env })).code).toBe(6);
});

test("SEC-75 a directory in its place is an error; a link to it is fine", async () => {
  const { run, home, write } = sandbox();
  mkdirSync(join(home, "folder"));
  expect((await run(["token", "--config", join(home, "folder")])).code).toBe(6);
  write("dotfiles/auth.json", JSON.stringify({ profiles: { a: bearer } }));
  symlinkSync(join(home, "dotfiles", "auth.json"), join(home, "link.json"));
  expect((await run(["token", "--config", "link.json"], { env, cwd: home })).code).toBe(0);
  expect((await run(["token", "--config", "missing.json"], { env })).code).toBe(4);
});

test("the place of the configuration follows the platform", () => {
  const around = { env: {}, home: () => "/home/u", cwd: "/work" };
  expect(userConfigPath(undefined, { ...around, platform: "linux" })).toBe(
    "/home/u/.config/auth/config.json",
  );
  expect(userConfigPath(undefined, { ...around, platform: "linux", env: { XDG_CONFIG_HOME: "/x" } })).toBe(
    "/x/auth/config.json",
  );
  expect(userConfigPath(undefined, { ...around, platform: "linux", env: { XDG_CONFIG_HOME: "x" } })).toBe(
    "/home/u/.config/auth/config.json",
  );
  expect(userConfigPath(undefined, { ...around, platform: "darwin" })).toBe(
    "/home/u/Library/Application Support/auth/config.json",
  );
  const windows = {
    platform: "win32",
    home: () => "C:\\Users\\u",
    cwd: "C:\\",
    env: { APPDATA: "D:\\Roaming" },
  } as const;
  expect(userConfigPath(undefined, windows)).toBe("D:\\Roaming\\auth\\config.json");
  expect(userConfigPath("c.json", { ...around, platform: "linux", env: { AUTH_CONFIG: "/other" } })).toBe(
    "/work/c.json",
  );
});
