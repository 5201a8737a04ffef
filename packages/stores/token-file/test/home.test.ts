import { existsSync, readdirSync, writeFileSync } from "node:fs";
import type { TokenStore } from "@auth/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { foreignFile, readForeignFile } from "../src/foreign.ts";
import { fileLock, fromTokenFile, tokenFile } from "../src/index.ts";
import { single } from "./support/foreign.ts";
import { failing, posix, temporary } from "./support/temporary.ts";

const { at } = temporary();
const before = process.cwd();
beforeEach(() => process.chdir(at()));
afterEach(() => {
  process.chdir(before);
  vi.unstubAllEnvs();
});

const noHome = { code: "ERR_AUTH_UNAVAILABLE", reason: "no-home", retryable: false };

describe.runIf(posix).each([
  ["empty", "", "HOME is empty. Set it to an absolute path."],
  ["relative", "somewhere", "HOME is not absolute. Set it to an absolute path."],
])("SEC-119 a home directory that is %s", (_, home, words) => {
  beforeEach(() => {
    vi.stubEnv("HOME", home);
    vi.stubEnv("XDG_STATE_HOME", undefined);
  });

  const lock = () => fileLock({ directory: "~/locks" });
  const path = "~/tokens.json";
  const uses: [string, () => Promise<unknown>][] = [
    ...[
      ["tokenFile", () => tokenFile({ app: "acme" })] as const,
      ["a path in it", () => tokenFile({ path })] as const,
      ["foreignFile", () => foreignFile({ path, format: single })] as const,
    ].flatMap(([name, make]): [string, () => Promise<unknown>][] => {
      const store = (): TokenStore => make();
      return [
        [`${name}, read`, () => store().read("a")],
        [`${name}, write`, () => store().write("a", "{}", undefined)],
        [`${name}, delete`, () => store().delete("a")],
        [`${name}, prepare`, async () => store().prepare?.("a")],
        [`${name}, withLock`, async () => store().withLock?.("a", async () => "ran")],
      ];
    }),
    ["tokenFile, keys", () => tokenFile().keys()[Symbol.asyncIterator]().next()],
    ["fileLock", () => lock().withLock("a", async () => "ran")],
    ["fromTokenFile", () => fromTokenFile({ path }).get()],
    ["readForeignFile", () => readForeignFile({ path, parse: JSON.parse })],
  ];
  test.each(uses)(
    "%s: fails when it is used, says what to set, and leaves the current folder alone",
    async (_name, use) => {
      const error = await failing(use());
      expect(error).toMatchObject({ ...noHome, message: expect.stringContaining(words) });
      expect(readdirSync(".")).toEqual([]);
    },
  );

  test("a store has a name all the same", () => {
    expect([tokenFile().name, fromTokenFile({ path }).name]).toEqual(["token-file", "token-file"]);
  });

  test("SEC-119 nobody asks for it where the path does not depend on it", async () => {
    vi.stubEnv("XDG_STATE_HOME", at("state"));
    await tokenFile({ app: "acme" }).write("a", "{}", undefined);
    expect(existsSync(at("state/acme"))).toBe(true);
  });
});

test("a path in a message is said once, unless it is another one or stands in a command", async () => {
  const path = at("tokens.json");
  const said = (error: unknown): number => String((error as Error).message).split(path).length - 1;
  const store = tokenFile({ path });
  await store.write("a", "{}", undefined);
  expect(said(await failing(tokenFile({ path: `${path}/tokens.json` }).read("a")))).toBe(1);
  for (const text of ["nonsense", '{"schema":9,"entries":{}}']) {
    writeFileSync(path, text);
    expect(said(await failing(store.read("a")))).toBe(1);
  }
});
