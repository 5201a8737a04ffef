import { homedir } from "node:os";
import { join } from "node:path";
import { isAuthError } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import { describe, expect, test } from "vitest";
import { scheme } from "../src/index.ts";
import { posix, secretOf, temporary } from "./temporary.ts";

const { at, put } = temporary();
const resolve = createResolver([scheme]);
const url = (path: string): string => `file://${posix ? "" : "/"}${path.replaceAll("\\", "/")}`;

test("it reads what the reference names", async () => {
  put("db", '{"main":{"username":"alice","password":"p#?%"}}');
  expect(await secretOf(resolve(`${url(at("db"))}#/main`))).toBe("p#?%");
  put("my token.txt", "dDBrZW4K");
  const spaced = resolve(`${url(at("my%20token.txt"))}?encoding=base64&trim=none&bare=apiKey&format=text`);
  expect(await spaced.get()).toMatchObject({ type: "api-key" });
  expect(await secretOf(spaced)).toBe("t0ken\n");
});

test.runIf(posix).each([
  ["file:./token.txt", "file ./token.txt"],
  ["file:token.txt", "file token.txt"],
  ["file:/run/secrets/db", "file /run/secrets/db"],
  ["file:///run/secrets/db", "file /run/secrets/db"],
  ["file://localhost/run/secrets/db", "file /run/secrets/db"],
  ["file:~/acme.json", `file ${join(homedir(), "acme.json")}`],
  ["file:///~/acme.json", "file /~/acme.json"],
])("%s is %s", (reference, name) => {
  expect(resolve(reference).name).toBe(name);
});

describe("refused", () => {
  test.each([
    "file://server/share/token",
    "file:~bob/token",
    "file:t?format=yaml",
    "file:t?format=text#/a",
    "file:t?bare=password",
    "file:t?encoding=hex",
    "file:t?trim=all",
  ])("%s", (reference) => {
    let error: unknown;
    try {
      resolve(reference);
    } catch (thrown) {
      error = thrown;
    }
    expect(isAuthError(error, "ERR_AUTH_INVALID") && error.reason).toBe("reference");
  });
});

test("it describes what is named", () => {
  const say = (text: string) => scheme.describe?.(parseReference(text));
  expect(say("file:./token.txt")).toBe("the file ./token.txt");
  expect(say("file:db.json#/password")).toBe('"/password" in the file db.json');
});
