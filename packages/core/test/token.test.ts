import { AccessToken, isAuthError } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { short, thrownBy } from "./support/outcome.ts";

test("SEC-1 SEC-2 an access token prints without its text, and with its facts", () => {
  const { value, check } = canary("token");
  const token = new AccessToken(value, { scopes: ["read"], expiresAt: new Date(0) });
  check(token, [token], { token }, new Error("wrapped", { cause: token }));
  expect(`${token as unknown as string}`).toBe("[secret]");
  expect(JSON.parse(JSON.stringify(token))).toEqual({
    type: "Bearer",
    id: token.id,
    scopes: ["read"],
    expiresAt: "1970-01-01T00:00:00.000Z",
  });
});

test("facts: given, or absent rather than undefined", () => {
  const facts = {
    type: "DPoP",
    expiresAt: new Date(2),
    obtainedAt: new Date(1),
    scopes: ["a", "b"],
    id: "mine",
  };
  expect(Object.assign({}, new AccessToken("t", facts))).toEqual(facts);
  expect(Object.keys(new AccessToken("t", { expiresAt: undefined })).sort()).toEqual(["id", "type"]);
  expect(new AccessToken("t").type).toBe("Bearer");
});

test("SEC-6 the id is random for each token and says nothing about its text", () => {
  const ids = Array.from({ length: 100 }, () => new AccessToken("the-same-text").id);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[\w-]{16,}$/);
});

test("it cannot be changed, nor through what it was made of", () => {
  const scopes = ["read"];
  const expiresAt = new Date(1_000);
  const token = new AccessToken("t", { scopes, expiresAt });
  scopes.push("admin");
  expiresAt.setTime(9e12);
  expect(token.scopes).toEqual(["read"]);
  expect(token.expiresAt).toEqual(new Date(1_000));
  expect(Object.isFrozen(token)).toBe(true);
  expect(Object.isFrozen(token.scopes)).toBe(true);
});

describe("SEC-31 one byte to 64 KiB of visible ASCII; anything else is INVALID/secret-format", () => {
  test.each([
    ["the shortest", "!"],
    ["the longest", "~".repeat(65_536)],
    [
      "every character there is",
      Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join(""),
    ],
  ])("takes %s", (_, text) => {
    expect(new AccessToken(text).reveal()).toBe(text);
  });

  test.each([
    ["nothing", ""],
    ["too much", "~".repeat(65_537)],
    ["a space", "a b"],
    ["a leading space", " a"],
    ["a trailing line feed", "a\n"],
    ["CR LF", "a\r\nb"],
    ["NUL", "a\0"],
    ["DEL", "a\x7f"],
    ["a tab", "a\tb"],
    ["Latin-1", "é"],
    ["an emoji", "🔑"],
    ["a lone surrogate", "\ud800"],
    ["full-width letters", "ａ"],
  ])("refuses %s", (_, text) => {
    expect(short(thrownBy(() => new AccessToken(text)))).toBe("INVALID/secret-format");
  });

  test.each([undefined, null, 42, {}, ["a"], new String("a")])("refuses what is no string: %s", (value) => {
    expect(
      isAuthError(
        thrownBy(() => new AccessToken(value as never)),
        "ERR_AUTH_INVALID",
      ),
    ).toBe(true);
  });
});

test("SEC-4 a refusal quotes nothing", () => {
  const { value, check } = canary("token");
  check(
    thrownBy(() => new AccessToken(`${value}\n`)),
    thrownBy(() => new AccessToken("t", { type: `${value}\r\n` })),
  );
});

test("SEC-33 a date that is none is refused", () => {
  for (const name of ["expiresAt", "obtainedAt"])
    expect(thrownBy(() => new AccessToken("t", { [name]: new Date(Number.NaN) }))).toBeInstanceOf(TypeError);
});
