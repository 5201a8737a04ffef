import { expect, test } from "vitest";
import { declaredCommands, type FromCommandOptions, fromCommand } from "../src/index.ts";
import { raw } from "./world.ts";

const command = [process.execPath];

test.each<[what: string, options: object, says: RegExp]>([
  ["SEC-108 a command line", { command: "op read x" }, /there is no shell/i],
  ["no command", {}, /is a list/],
  ["an empty command", { command: [] }, /is a list/],
  ["an argument that is no text", { command: ["op", 1] }, /is a list/],
  ["a NUL", { command: ["op", "a\0b"] }, /is a list/],
  ["an empty program", { command: ["", "a"] }, /begins with a program/],
  ["SEC-108 a relative path", { command: ["./helper"] }, /relative path/],
  ["SEC-108 another relative path", { command: ["bin/helper"] }, /relative path/],
  ["SEC-108 a way up", { command: ["..", "a"] }, /begins with a program/],
  ["SEC-108 a batch file", { command: ["helper.BAT"] }, /needs a shell/],
  ["SEC-108 a command file", { command: ["/opt/helper.cmd"] }, /needs a shell/],
  ["SEC-108 a command file, hidden", { command: ["helper.cmd. ."] }, /needs a shell/],
  ["a relative folder", { command, cwd: "work" }, /`cwd`/],
  ["a variable with =", { command, env: { "A=B": "c" } }, /`env`/],
  ["a variable that is no text", { command, env: { A: 1 } }, /`env`/],
  ["a passed variable without a name", { command, passEnv: [""] }, /`passEnv`/],
  ["an exit code of success", { command, exitCodes: { 0: "not-found" } }, /`exitCodes`/],
  ["an exit code that means nothing", { command, exitCodes: { 1: "gone" } }, /`exitCodes`/],
  ["no time", { command, timeoutMs: 0 }, /`timeoutMs`/],
  ["no output", { command, maxBytes: Number.NaN }, /`maxBytes`/],
  ["time that runs back", { command, ttlMs: -1 }, /`ttlMs`/],
  ["a name of two lines", { command, name: "a\nb" }, /`name`/],
  ["both fields", { command, field: "a", fields: { token: "b" } }, /not both/],
  ["an unknown meaning", { command, bare: "secret" }, /`bare`/],
  ["a password of nobody", { command, bare: "password" }, /needs `username`/],
  ["a user name of nothing", { command, username: "alice" }, /does not go with/],
  ["a field of a password", { command, bare: "password", username: "alice", field: "a" }, /whole output/],
  ["a field of a helper's answer", { command, format: raw, field: "a" }, /does not go with `format`/],
  ["an environment that is none", { command, env: null }, /`env`/],
  ["a text for variables to pass", { command, passEnv: "HOME" }, /`passEnv`/],
  ["a limit in words", { command, timeoutMs: "5 s" }, /`timeoutMs`/],
  ["exit codes that are none", { command, exitCodes: null }, /`exitCodes`/],
  ["a name that is no text", { command, name: 5 }, /`name`/],
  ["the name of a format", { command, format: "docker" }, /`format` is an object/],
  ["a field that is no text", { command, field: 1 }, /`field`/],
  ["fields that are none", { command, fields: "token" }, /`fields`/],
  ["a user name that is no text", { command, bare: "password", username: 5 }, /needs `username`/],
  ["a clock that is none", { command, clock: 5 }, /`clock`/],
  ["a request to nobody", { command, request: {} }, /goes with a `format`/],
])("%s is a TypeError", (_what, options, says) => {
  expect(() => fromCommand(options as FromCommandOptions)).toThrow(TypeError);
  expect(() => fromCommand(options as FromCommandOptions)).toThrow(says);
});

test("its name is the program's, and never its arguments", () => {
  expect(fromCommand({ command: ["/usr/bin/op", "read", "op://a/b"] }).name).toBe("exec op");
  expect(fromCommand({ command: ["op"], name: "billing-token" }).name).toBe("exec billing-token");
});

test.each([[undefined], [null], ["op read x"], [["op"]], [5]])(
  "%j instead of options gets words",
  (nonsense) => {
    expect(() => fromCommand(nonsense as never)).toThrow(/^fromCommand: give options with a `command`/);
    expect(() => declaredCommands({ acme: nonsense as never })).toThrow(TypeError);
  },
);
