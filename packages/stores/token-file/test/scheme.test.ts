import { createResolver } from "@auth/core/resolver";
import { describe, expect, test } from "vitest";
import { scheme } from "../src/index.ts";
import { posix, temporary } from "./support/temporary.ts";

const { at, put } = temporary();

describe("token-file: references", () => {
  const resolve = createResolver([scheme]);

  test("the home directory, and an absolute path, which may have a drive", () => {
    expect(resolve("token-file:~/.config/app/token.json?profile=work").name).toMatch(
      /^token-file .*app.token\.json \(work\)$/,
    );
    if (posix) {
      expect(resolve("token-file:///srv/a%20b.json").name).toBe("token-file /srv/a b.json");
      expect(resolve("token-file://localhost/srv/a.json").name).toBe("token-file /srv/a.json");
    }
  });

  test("it reads what it names", async () => {
    put("tokens.json", '{"work":{"token":"w"},"home":{"token":"h"}}');
    const reference = `token-file:${at("tokens.json").replaceAll("\\", "/")}?profile=home`;
    const credential = await resolve(reference).get();
    expect(credential.type === "access-token" && credential.token.reveal()).toBe("h");
  });

  test.each([
    ["token-file://host/a.json", "reference"],
    ["token-file:~other/a.json", "reference"],
    ["token-file:a.json#/refresh_token", "reference"],
    ["token-file:a.json?key=x", "reference"],
    ["token-file:a.json?name=x", "unknown-selector"],
    ["token-file:", "reference"],
  ])("%s is refused", (text, reason) => {
    expect(() => resolve(text)).toThrow(expect.objectContaining({ code: "ERR_AUTH_INVALID", reason }));
  });

  test("described for people", () => {
    const reference = { scheme: "token-file", path: "a.json", selectors: new Map([["profile", "work"]]) };
    expect(scheme.describe?.(reference)).toBe('the login "work" in the token file a.json');
    expect(scheme.describe?.({ ...reference, selectors: new Map() })).toBe(
      "the login in the token file a.json",
    );
  });
});
