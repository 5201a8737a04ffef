import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isAuthError } from "@auth/core";
import { type Around, homeDirectory } from "@auth/core/home";
import { describe, expect, test } from "vitest";
import { short, thrownBy } from "./support/outcome.ts";

const around = (env: Around["env"], fallback: Around["fallback"] = () => "", platform = "linux"): Around => ({
  env,
  platform,
  fallback,
});
const nobody = (): never => {
  throw new Error("uv_os_homedir returned ENOENT");
};

test("HOME, if it is absolute; what the system says is not asked", () => {
  expect(homeDirectory("acme file", around({ HOME: "/home/alice" }, nobody))).toBe("/home/alice");
});

test("without HOME, what the system says", () => {
  expect(
    homeDirectory(
      "acme file",
      around({}, () => "/var/home/alice"),
    ),
  ).toBe("/var/home/alice");
});

describe("SEC-119 no home rather than the current folder", () => {
  test.each<[string, Around, string]>([
    ["an empty HOME", around({ HOME: "" }, () => "/home/alice"), "HOME is empty"],
    ["a relative HOME", around({ HOME: "home/alice" }, () => "/home/alice"), "HOME is not absolute"],
    ["a dot", around({ HOME: "." }), "HOME is not absolute"],
    ["a tilde", around({ HOME: "~" }), "HOME is not absolute"],
    [
      "a user id without an entry",
      around({}, nobody),
      "HOME is not set, and the system knows no home of this user",
    ],
    ["a system that knows none", around({}), "HOME is not set, and the system knows no home of this user"],
    ["a relative home of the system", around({}, () => "alice"), "HOME is not set"],
    ["an empty USERPROFILE", around({ USERPROFILE: "" }, nobody, "win32"), "USERPROFILE is empty"],
    [
      "a path without a drive",
      around({ USERPROFILE: "\\\\alice".slice(2) }, nobody, "win32"),
      "USERPROFILE is not absolute",
    ],
    [
      "a drive's own current folder",
      around({ USERPROFILE: "C:alice" }, nobody, "win32"),
      "USERPROFILE is not absolute",
    ],
  ])("%s: an error that says who, and what to set", (_, where, words) => {
    const error = thrownBy(() => homeDirectory("acme file", where));
    expect(short(error)).toBe("UNAVAILABLE/no-home");
    const message = isAuthError(error) ? error.message : "";
    expect(message.startsWith(`acme file: ${words}`)).toBe(true);
    expect(message).toMatch(/Set it to an absolute path\.$/);
  });
});

test.each(["C:\\Users\\alice", "c:/Users/alice", "\\\\server\\share\\alice"])(
  "on Windows %s is absolute",
  (home) => {
    expect(homeDirectory("acme file", around({ USERPROFILE: home }, nobody, "win32"))).toBe(home);
  },
);

test("a Windows path is no home elsewhere", () => {
  expect(() => homeDirectory("acme file", around({ HOME: "C:\\Users\\alice" }))).toThrow("not absolute");
});

describe("of a real process", () => {
  const run = async (env: Record<string, string>): Promise<string> => {
    const text = `
      import { homeDirectory } from "@auth/core/home";
      try { console.log(homeDirectory("acme")); } catch (error) { console.log(error.code, error.reason); }`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=src", "--input-type=module", "--eval", text],
      { cwd: import.meta.dirname, env, timeout: 20_000 },
    );
    return stdout.trim();
  };

  test("the environment decides, when it is asked and not before", async () => {
    expect(await run({ HOME: "/somewhere/else" })).toBe("/somewhere/else");
    expect(await run({ HOME: "" })).toBe("ERR_AUTH_UNAVAILABLE no-home");
    expect(await run({})).toMatch(/^(?:\/.*|ERR_AUTH_UNAVAILABLE no-home)$/);
  });
});
