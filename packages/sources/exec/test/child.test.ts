import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname } from "node:path";
import { canary } from "@auth/testkit";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type FromCommandOptions, fromCommand } from "../src/index.ts";
import { failing, raw, secretOf, world } from "./world.ts";

const { at, plan } = world();
const posix = process.platform !== "win32";
afterEach(() => void vi.unstubAllEnvs());

/** What the helper says of itself. */
async function told(what: "args" | "env" | "cwd" | "stdin", options: object = {}, ...args: string[]) {
  const command = [...plan({ tells: what }), ...args];
  const { text } = await fromCommand({ command, format: raw, ...options }).get();
  return JSON.parse(text) as unknown;
}

describe("what a command gets", () => {
  test("SEC-108 its arguments as they are: no shell reads them", async () => {
    const args = ["$(touch x)", "`id`", "; exit 1", "*", "a b", '"', "'", "%PATH%", "", "--", "ä\n"];
    expect(await told("args", {}, ...args)).toEqual(args);
  });

  test("SEC-8 few of our variables, and no secret of ours", async () => {
    const secret = canary("variable");
    for (const name of ["ACME_TOKEN", "AWS_SECRET_ACCESS_KEY", "GIT_ASKPASS", "HTTPS_PROXY"])
      vi.stubEnv(name, secret.value);
    vi.stubEnv("NODE_OPTIONS", "--no-deprecation");
    vi.stubEnv("LANG", "de_DE.UTF-8");
    const env = (await told("env")) as Record<string, string>;
    secret.check(env);
    expect(env).toMatchObject({ LANG: "de_DE.UTF-8" });
    expect(env).not.toHaveProperty("NODE_OPTIONS");
    const known = /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|LANG|LC_ALL|LC_CTYPE|TZ|XDG_.*|DBUS_.*)$/;
    if (posix) expect(Object.keys(env).filter((name) => !known.test(name))).toEqual([]);
  });

  test("the variables that it was declared to get", async () => {
    vi.stubEnv("ACME_REGION", "eu");
    vi.stubEnv("DISPLAY", ":0");
    const env = await told("env", { passEnv: ["ACME_REGION", "ACME_ABSENT"], env: { ACME_MODE: "read" } });
    expect(env).toMatchObject({ ACME_REGION: "eu", ACME_MODE: "read" });
    expect(env).not.toHaveProperty("ACME_ABSENT");
    expect(env).not.toHaveProperty("DISPLAY");
    expect(await told("env", { interactive: true })).toMatchObject({ DISPLAY: ":0" });
  });

  test("SEC-108 a PATH without relative folders and the working directory", async () => {
    const own = process.env["PATH"] ?? "";
    vi.stubEnv("PATH", ["", ".", "bin", process.cwd(), own].join(delimiter));
    const { PATH } = (await told("env")) as { PATH: string };
    const folders = PATH.split(delimiter);
    expect(folders.length).toBeGreaterThan(0);
    expect(folders.filter((folder) => ["", ".", "bin", process.cwd()].includes(folder))).toEqual([]);
  });

  test("the home directory to run in, or another one", async () => {
    vi.stubEnv("HOME", "");
    if (posix) expect(await told("cwd")).toBe("/");
    vi.stubEnv("HOME", "somewhere/relative");
    if (posix) expect(await told("cwd")).toBe("/");
    vi.stubEnv("HOME", dirname(at(".")));
    expect(await told("cwd")).toBe(realpathSync(homedir()));
    expect(await told("cwd", { cwd: at(".") })).toBe(realpathSync(at(".")));
    vi.stubEnv("HOME", at("no/such/home"));
    if (posix) expect(await told("cwd")).toBe(realpathSync(at(".")));
  });

  test("no standard input, unless its format has something to say", async () => {
    expect(await told("stdin")).toBe("");
    expect(await told("stdin", { request: { stdin: "https://example.com\n" } })).toBe(
      "https://example.com\n",
    );
  });

  test("an input that it does not read is no failure", async () => {
    const command = plan({ stdout: "done" });
    const request = { stdin: "x".repeat(1_000_000) };
    expect((await fromCommand({ command, format: raw, request }).get()).text).toBe("done");
  });
});

describe.runIf(posix)("which program is run", () => {
  const program = (file: string, prints: string, mode = 0o755): string => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), `#!/bin/sh\necho ${prints}\n`, { mode });
    return at(file);
  };
  const run = (name: string, options: Partial<FromCommandOptions> = {}): Promise<string> =>
    secretOf(fromCommand({ command: [name], ...options }));

  test("one with a whole path", async () => {
    expect(await run(program("a/acme", "a"))).toBe("a");
  });

  test("SEC-108 one by name from PATH, and never from where we are", async () => {
    program("here/acme", "here");
    program("there/acme", "there");
    symlinkSync(at("here"), at("link"));
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(at("here"));
    for (const folder of ["", ".", "./", at("here"), at("link"), `${at("here")}/../here`]) {
      vi.stubEnv("PATH", [folder, at("there"), "/usr/bin", "/bin"].join(delimiter));
      expect(await run("acme"), folder).toBe("there");
      vi.stubEnv("PATH", [folder, "/bin"].join(delimiter));
      expect(await failing(run("acme")), folder).toBe("ERR_AUTH_UNAVAILABLE/no-program");
    }
  });

  test("SEC-108 a relative folder is not searched, whatever is in it", async () => {
    program("tools/acme", "relative");
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(at("."));
    vi.stubEnv("PATH", ["tools", "./tools", "tools/../tools", "/bin"].join(delimiter));
    expect(await failing(run("acme"))).toBe("ERR_AUTH_UNAVAILABLE/no-program");
  });

  test("SEC-108 no folder inside node_modules is searched, nor handed on, by whatever name", async () => {
    program("app/node_modules/.bin/acme", "dependency");
    program("there/acme", "there");
    symlinkSync(at("app/node_modules/.bin"), at("tools-of-the-app"));
    const bad = [at("app/node_modules/.bin"), at("app/node_modules/x/../.bin"), at("tools-of-the-app")];
    vi.stubEnv("PATH", [...bad, at("there"), "/usr/bin", "/bin"].join(delimiter));
    expect(await run("acme")).toBe("there");
    expect(await told("env")).toMatchObject({ PATH: [at("there"), "/usr/bin", "/bin"].join(delimiter) });
    vi.stubEnv("PATH", [...bad, "/bin"].join(delimiter));
    await expect(run("acme")).rejects.toThrow(/node_modules is searched/);
    expect(await run(at("app/node_modules/.bin/acme"))).toBe("dependency"); // a whole path is somebody's own choice
  });

  test("the PATH of the command, if it has one", async () => {
    program("own/acme", "own");
    expect(await run("acme", { env: { PATH: `${at("own")}:/bin` } })).toBe("own");
  });

  test("what is not there, is no file, or may not be run", async () => {
    mkdirSync(at("folder"));
    expect(await failing(run(at("absent")))).toBe("ERR_AUTH_UNAVAILABLE/no-program");
    expect(await failing(run(at("folder")))).toBe("ERR_AUTH_UNAVAILABLE/no-program");
    expect(await failing(run(program("plain", "x", 0o644)))).toBe("ERR_AUTH_DENIED/no-program");
    expect(await failing(run("no-such-program-anywhere"))).toBe("ERR_AUTH_UNAVAILABLE/no-program");
  });

  test("SEC-4 what the system cannot start, in our words", async () => {
    const secret = canary("path");
    writeFileSync(at(secret.value), "#!/no/such/interpreter\n", { mode: 0o755 });
    const error = await fromCommand({ command: [at(secret.value)], name: "acme" })
      .get()
      .catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: "ERR_AUTH_UNAVAILABLE",
      reason: "no-program",
      cause: { code: "ENOENT" },
    });
    secret.check(error);
    writeFileSync(at("noise"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), { mode: 0o755 });
    expect(await failing(run(at("noise")))).toBe("ERR_AUTH_INVALID/helper-failed");
  });
});
