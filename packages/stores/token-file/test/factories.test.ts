import { sideEffects } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { tokenFilePath } from "../src/default-path.ts";
import { foreignFile, readForeignFile } from "../src/foreign.ts";
import { fileLock, fromTokenFile, tokenFile } from "../src/index.ts";
import { temporary } from "./support/temporary.ts";

const { at, names } = temporary();

test("SEC-136 making a store, a lock or a source touches nothing", async () => {
  const made: unknown[] = [];
  const effects = await sideEffects(() => {
    made.push(tokenFile(), tokenFile({ path: at("a/tokens.json") }), tokenFile({ app: "acme" }));
    made.push(fileLock({ directory: at("b") }), fromTokenFile({ path: at("c") }));
  });
  expect(effects).toEqual([]);
  expect(made).toHaveLength(5);
  expect(names()).toEqual([]);
});

describe("wrong arguments are TypeErrors", () => {
  const wrong: [string, () => unknown][] = [
    ["an empty path", () => tokenFile({ path: "" })],
    ["a path that is none", () => tokenFile({ path: 5 as never })],
    ["a NUL in a path", () => tokenFile({ path: "a\0b" })],
    ["path and app", () => tokenFile({ path: "a", app: "b" })],
    ["an app that leads elsewhere", () => tokenFile({ app: "../other" })],
    ["an app with a slash", () => tokenFile({ app: "a/b" })],
    ["a hidden app", () => tokenFile({ app: ".ssh" })],
    ["times that contradict each other", () => tokenFile({ heartbeatMs: 1_000, staleMs: 1_500 })],
    ["no directory", () => fileLock({} as never)],
    ["an empty directory", () => fileLock({ directory: "" })],
    ["no path", () => fromTokenFile({} as never)],
    ["a profile that is no text", () => fromTokenFile({ path: "a", profile: 1 as never })],
  ];
  test.each([tokenFile, fileLock, fromTokenFile, foreignFile])(
    "%o with a path instead of options says what it takes",
    (factory) => {
      for (const nonsense of ["acme", null, 5, ["acme"]])
        expect(() => factory(nonsense as never)).toThrow(
          `${factory.name}: it takes an object of options, such as ${factory.name}({ `,
        );
    },
  );

  test("readForeignFile too", async () => {
    await expect(readForeignFile("acme" as never)).rejects.toThrow("it takes an object of options");
    for (const factory of [fileLock, fromTokenFile, foreignFile])
      expect(() => factory(undefined as never)).toThrow("it takes an object of options");
  });

  test.each(wrong)("%s", (_, make) => {
    expect(make).toThrow(TypeError);
  });

  test("undefined is as good as nothing", () => {
    expect(
      tokenFile({ path: undefined, app: undefined, heartbeatMs: undefined, clock: undefined }).name,
    ).toMatch(/auth.tokens\.json$/);
  });
});

describe("the default path follows the platform's conventions", () => {
  const home = "/home/alice";
  const path = (platform: NodeJS.Platform, env: Record<string, string>, options = {}): string =>
    tokenFilePath(options, {
      platform,
      env,
      home: () => (platform === "win32" ? "C:\\Users\\alice" : home),
      cwd: "/srv",
    });

  test.each<[NodeJS.Platform, Record<string, string>, object, string]>([
    ["linux", {}, {}, "/home/alice/.local/state/auth/tokens.json"],
    ["linux", {}, { app: "acme" }, "/home/alice/.local/state/acme/tokens.json"],
    ["linux", { XDG_STATE_HOME: "/state" }, { app: "acme" }, "/state/acme/tokens.json"],
    ["linux", { XDG_STATE_HOME: "relative" }, { app: "acme" }, "/home/alice/.local/state/acme/tokens.json"],
    ["linux", { XDG_STATE_HOME: "" }, {}, "/home/alice/.local/state/auth/tokens.json"],
    ["freebsd", {}, {}, "/home/alice/.local/state/auth/tokens.json"],
    [
      "darwin",
      { XDG_STATE_HOME: "/state" },
      { app: "acme" },
      "/home/alice/Library/Application Support/acme/tokens.json",
    ],
    ["win32", { LOCALAPPDATA: "D:\\Local" }, { app: "acme" }, "D:\\Local\\acme\\tokens.json"],
    ["win32", {}, { app: "acme" }, "C:\\Users\\alice\\AppData\\Local\\acme\\tokens.json"],
    ["linux", {}, { path: "~/x.json" }, "/home/alice/x.json"],
    ["linux", {}, { path: "x.json" }, "/srv/x.json"],
    ["linux", {}, { path: "~x.json" }, "/srv/~x.json"],
    ["win32", {}, { path: "~\\x.json" }, "C:\\Users\\alice\\x.json"],
  ])("%s %j %j", (platform, env, options, expected) => {
    expect(path(platform, env, options)).toBe(expected);
  });

  test("SEC-74 it is never a temporary folder", () => {
    for (const platform of ["linux", "darwin", "win32"] as const)
      expect(path(platform, { TMPDIR: "/tmp", TEMP: "C:\\Temp", TMP: "C:\\Temp" })).not.toMatch(/te?mp\b/i);
  });
});

test("SEC-123 a name is one printable line, whatever the path holds", () => {
  expect(tokenFile({ path: "/a\n\u001b[31mb\u202ec" }).name).toBe("token-file /a\ufffd\ufffd[31mb\ufffdc");
});

test("a relative path stays where it was, though the process goes elsewhere", () => {
  const before = process.cwd();
  const store = tokenFile({ path: "tokens.json" });
  try {
    process.chdir(at());
    expect(store.name).not.toContain(at());
  } finally {
    process.chdir(before);
  }
});
