import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { userConfigPath } from "../src/config/paths.ts";
import { Context } from "../src/context.ts";
import { sandbox } from "./sandbox.ts";

const isRoot = process.geteuid?.() === 0;
const evil = (mark: string) =>
  JSON.stringify({
    profiles: { a: { grant: { type: "bearer" }, credentials: "exec:evil" } },
    commands: { evil: { command: ["touch", mark] } },
  });

test.each([
  ["empty", { HOME: "" }, "HOME is empty"],
  ["relative", { HOME: "." }, "HOME is not absolute"],
  ["relative, and XDG's variables too", { HOME: "x", XDG_CONFIG_HOME: ".config" }, "HOME is not absolute"],
  ["good, and AUTH_CONFIG relative", { AUTH_CONFIG: ".config/auth/config.json" }, "AUTH_CONFIG is not"],
])(
  "SEC-119 where HOME is %s, nothing of the working directory is read, run or written",
  async (_, set, said) => {
    const { run, write, home } = sandbox();
    const mark = join(home, "ran");
    for (const at of ["", "x/"]) write(`project/${at}.config/auth/config.json`, evil(mark));
    const cwd = join(home, "project");
    const before = readdirSync(cwd, { recursive: true });
    const env = { AUTH_CONFIG: "", XDG_STATE_HOME: "", ...set };
    for (const line of [
      ["token"],
      ["login", "--stdin"],
      ["profiles", "add", "x", "--grant", "bearer"],
      ["config", "path"],
    ]) {
      const ran = await run(line, { cwd, env, stdin: "abc" });
      expect(ran).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining(said) });
    }
    expect((await run(["__complete", "--", "token", ""], { cwd, env })).stdout).toBe("");
    expect(existsSync(mark)).toBe(false);
    expect(readdirSync(cwd, { recursive: true })).toEqual(before);
  },
);

test("SEC-119 what needs no home works without one", async () => {
  const { run, configure, configPath } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:T", store: { type: "memory" } } });
  const env = { HOME: "", T: "abc" };
  expect((await run(["--version"], { env })).code).toBe(0);
  expect((await run(["--help"], { env })).code).toBe(0);
  expect((await run(["token"], { env })).stdout).toBe("abc\n");
  expect((await run(["config", "path"], { env })).stdout).toBe(`${configPath}\n`);
});

test.skipIf(!isRoot)(
  "SEC-119 a user without an entry and without HOME is told what to set, not shown a crash",
  async () => {
    const { write, path, home } = sandbox();
    const config = write(
      "open/config.json",
      JSON.stringify({
        profiles: { a: { grant: { type: "bearer" }, credentials: "env:T", store: { type: "memory" } } },
      }),
    );
    const PATH = path();
    for (const each of [home, join(home, "bin"), join(home, "open")]) chmodSync(each, 0o755);
    chmodSync(config, 0o644);
    const as = (env: Record<string, string>, ...args: string[]) =>
      spawnSync("setpriv", ["--reuid", "54321", "--clear-groups", "auth", ...args], {
        encoding: "utf8",
        cwd: "/",
        env: { PATH, T: "abc", ...env },
      });
    const lost = as({}, "token");
    expect([lost.status, lost.stdout]).toEqual([6, ""]);
    expect(lost.stderr).toBe(
      "auth: your configuration: HOME is not set, and the system knows no home of this user. Set it to an absolute path.\n",
    );
    expect(as({}, "--version").status).toBe(0);
    expect(as({ AUTH_CONFIG: config }, "token").stdout).toBe("abc\n");
  },
);

test("SEC-119 where the configuration is named, nobody asks for a home", () => {
  const around = { platform: "linux", cwd: "/work", home: () => expect.unreachable("asked") } as const;
  expect(userConfigPath("c.json", { ...around, env: {} })).toBe("/work/c.json");
  expect(userConfigPath(undefined, { ...around, env: { AUTH_CONFIG: "/c.json" } })).toBe("/c.json");
  expect(userConfigPath(undefined, { ...around, env: { XDG_CONFIG_HOME: "/x" } })).toBe(
    "/x/auth/config.json",
  );
  expect(() => userConfigPath("", { ...around, env: {} })).toThrow("--config is empty");
  expect(() => userConfigPath("c.json", { ...around, cwd: undefined, env: {} })).toThrow(
    "not there any more",
  );
});

test("SEC-119 a home that is handed in is absolute, too", () => {
  const { env, platform, stdin, stdout, stderr } = process;
  const io = { env, platform, stdin, stdout, stderr, cwd: "/", argv: [] };
  const context = (home: string) => new Context({ ...io, home }, []);
  expect(context("/home/u").around.home()).toBe("/home/u");
  for (const home of ["", ".", "home/u"])
    expect(() => context(home).around.home()).toThrow(
      expect.objectContaining({ code: "ERR_AUTH_UNAVAILABLE", reason: "no-home" }),
    );
});

test.skipIf(process.platform === "win32")("a folder that was deleted is no crash", async () => {
  const { configure, path, home, configPath } = sandbox();
  configure({ acme: { grant: { type: "bearer" }, credentials: "env:T", store: { type: "memory" } } });
  const cwd = join(home, "gone");
  mkdirSync(cwd);
  const ran = spawnSync("sh", ["-c", `cd '${cwd}' && rmdir '${cwd}' && exec auth token`], {
    encoding: "utf8",
    env: { PATH: path(), HOME: home, AUTH_CONFIG: configPath, T: "abc" },
  });
  if (existsSync(cwd)) rmdirSync(cwd);
  expect([ran.status, ran.stdout]).toEqual([0, "abc\n"]);
  expect(ran.stderr).not.toContain("auth:");
});
