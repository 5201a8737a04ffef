import { isAuthError } from "@auth/core";
import { createResolver, parseReference } from "@auth/core/resolver";
import { describe, expect, onTestFinished, test, vi } from "vitest";
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
  ["file:~/acme.json", "file ~/acme.json"],
  ["file:///~/acme.json", "file /~/acme.json"],
])("%s is %s", (reference, name) => {
  expect(resolve(reference).name).toBe(name);
});

test.runIf(posix)(
  "a home is looked for when it is read; without one the factory is silent, and the error says what to set",
  async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    put("token", "t0ken");
    const provider = resolve("file:~/token");
    const setTo = (home: string): Promise<unknown> => {
      vi.stubEnv("HOME", home);
      return provider.get().then(
        () => "found",
        (error: unknown) => isAuthError(error) && `${error.code}/${error.reason}: ${error.message}`,
      );
    };
    const missing = "ERR_AUTH_UNAVAILABLE/no-home: file ~/token: HOME";
    expect(await setTo("")).toBe(`${missing} is empty. Set it to an absolute path.`);
    expect(await setTo("relative")).toBe(`${missing} is not absolute. Set it to an absolute path.`);
    expect(await setTo(at("."))).toBe("found");
    expect(await setTo(at("nowhere"))).toMatch(/^ERR_AUTH_NOT_FOUND\/no-file/);
    vi.stubEnv("HOME", "");
    expect(resolve("file:~/acme.json").name).toBe("file ~/acme.json");
  },
);

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
