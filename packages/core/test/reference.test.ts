import { formatReference, parseReference, type Reference } from "@auth/core/resolver";
import { canary } from "@auth/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { short, thrownBy } from "./support/outcome.ts";

const parts = (text: string): object => {
  const { selectors, ...rest } = parseReference(text);
  return selectors.size > 0 ? { ...rest, selectors: Object.fromEntries(selectors) } : rest;
};

describe("the grammar", () => {
  test.each([
    ["env:PAYMENTS_TOKEN", { scheme: "env", path: "PAYMENTS_TOKEN" }],
    ["env://NAME", { scheme: "env", locator: "NAME", path: "" }],
    ["file:///run/secrets/db#/password", { scheme: "file", path: "/run/secrets/db", field: "/password" }],
    ["file:./token.txt", { scheme: "file", path: "./token.txt" }],
    ["file:../up/token.txt", { scheme: "file", path: "../up/token.txt" }],
    ["file:C:/Users/me/x.json", { scheme: "file", path: "C:/Users/me/x.json" }],
    [
      "token-file:~/.config/app/token.json?profile=work",
      { scheme: "token-file", path: "~/.config/app/token.json", selectors: { profile: "work" } },
    ],
    ["keychain://billing-api/alice", { scheme: "keychain", locator: "billing-api", path: "alice" }],
    [
      "aws-sm://eu-west-1/prod/payments/api?stage=AWSCURRENT#/password",
      {
        scheme: "aws-sm",
        locator: "eu-west-1",
        path: "prod/payments/api",
        selectors: { stage: "AWSCURRENT" },
        field: "/password",
      },
    ],
    [
      "azure-kv://billing-vault/db-password/0f1e2d?cloud=public",
      {
        scheme: "azure-kv",
        locator: "billing-vault",
        path: "db-password/0f1e2d",
        selectors: { cloud: "public" },
      },
    ],
    ["prompt:API%20token?secret=1", { scheme: "prompt", path: "API token", selectors: { secret: "1" } }],
    ["exec:billing-token", { scheme: "exec", path: "billing-token" }],
    [
      "@aws-prod:/prod/payments/api#/password",
      { instance: "aws-prod", path: "/prod/payments/api", field: "/password" },
    ],
    ["aws-sm:rds!cluster-1/_+=.@-x", { scheme: "aws-sm", path: "rds!cluster-1/_+=.@-x" }],
    ["env:A?optional", { scheme: "env", path: "A", selectors: { optional: "" } }],
    ["x:a#literal.key", { scheme: "x", path: "a", field: "literal.key" }],
    ["x:a?k=1=2#f#g", { scheme: "x", path: "a", selectors: { k: "1=2" }, field: "f#g" }],
  ])("%s", (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });
});

describe("INVALID/reference for", () => {
  test.each([
    ["nothing", ""],
    ["no scheme", "just-a-name"],
    ["an upper-case scheme", "ENV:A"],
    ["a scheme that begins with a digit", "1env:A"],
    ["an empty path", "env:"],
    ["an empty path with selectors", "env:?a=b"],
    ["a tab", "env:A\tB"],
    ["a line feed", "pro\nd:A"],
    ["NUL", "env:A\0"],
    ["DEL", "env:A\x7f"],
    ["an encoded line feed", "env:A%0aB"],
    ["an encoded NUL in a selector", "env:A?x=%00"],
    ["a malformed escape", "env:%zz"],
    ["a cut escape", "env:A%2"],
    ["escapes that are no UTF-8", "env:%ff"],
    ["user information", "keychain://user@host/path"],
    ["user and password", "keychain://user:pw@host/path"],
    ["encoded user information", "keychain://user%40host/path"],
    ["a dot segment", "file:/a/./b"],
    ["a double dot segment", "file:/a/../b"],
    ["one at the end", "file:/a/.."],
    ["one after a double slash", "file:/a//../b"],
    ["an encoded one", "file:/a/%2e%2e/b"],
    ["one at the root", "file:/../etc/passwd"],
    ["one right after a locator", "aws-sm://eu-west-1/../x"],
    ["one after a leading one", "file:./../../a/../b"],
    ["a repeated selector", "env:A?x=1&x=2"],
    ["a repeated selector in another spelling", "env:A?x=1&%78=2"],
    ["a selector without a name", "env:A?=1"],
    ["an empty selector", "env:A?"],
    ["two ampersands", "env:A?x=1&&y=2"],
    ["a lone surrogate", "env:A\ud800"],
    ["4097 characters", `env:${"A".repeat(4_093)}`],
  ])("%s", (_, text) => {
    expect(short(thrownBy(() => parseReference(text)))).toBe("INVALID/reference");
  });

  test.each([
    "user",
    "username",
    "pass",
    "password",
    "Password",
    "token",
    "access_token",
    "access-token",
    "refresh_token",
    "client_secret",
    "client-secret",
    "clientSecret",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "secret_key",
    "secret-access-key",
    "private_key",
    "key",
    "credential",
    "credentials",
    "fallback",
    "default",
  ])("a selector that would hold a secret: %s", (name) => {
    expect(short(thrownBy(() => parseReference(`env:A?${name}=x`)))).toBe("INVALID/reference");
  });
});

test("4096 characters are taken", () => {
  expect(parseReference(`env:${"A".repeat(4_092)}`).path).toHaveLength(4_092);
});

test("SEC-4 no error quotes the text: it may hold a secret", () => {
  const { value, check } = canary("reference");
  for (const text of [
    value,
    `x:${value}\n`,
    `x://u:${value}@h/p`,
    `x:a?password=${value}`,
    `x:a?${value}=1&${value}=2`,
  ])
    check(thrownBy(() => parseReference(text)));
});

/** Characters that mean something in a reference, and some that do not. */
const odd = fc.constantFrom(...Array.from("aB9/?#%&=@:.~+!*'() -_\\éß🔑"));
const part = fc.string({ unit: odd, maxLength: 6 });

const anyReference: fc.Arbitrary<string> = fc
  .record({
    head: fc.constantFrom("env", "aws-sm", "x1", "@prod", "@a_b-1"),
    locator: fc.option(part, { nil: undefined }),
    path: fc.array(part, { maxLength: 4 }),
    selectors: fc.dictionary(fc.string({ unit: odd, minLength: 1, maxLength: 6 }), part, {
      maxKeys: 3,
    }),
    field: fc.option(part, { nil: undefined }),
    encode: fc.boolean(),
  })
  .map(({ head, locator, path, selectors, field, encode }) => {
    const write = (text: string): string => (encode ? encodeURIComponent(text) : text);
    const query = Object.entries(selectors).map(([key, value]) => `${write(key)}=${write(value)}`);
    return [
      head,
      ":",
      locator === undefined ? "" : `//${write(locator)}/`,
      path.map(write).join("/"),
      query.length > 0 ? `?${query.join("&")}` : "",
      field === undefined ? "" : `#${write(field)}`,
    ].join("");
  });

const parsed = (text: string): Reference | undefined => {
  try {
    return parseReference(text);
  } catch (error) {
    expect(short(error)).toBe("INVALID/reference");
    return undefined;
  }
};

test("the canonical form parses to the same reference, and is its own canonical form", () => {
  fc.assert(
    fc.property(anyReference, (text) => {
      const reference = parsed(text);
      if (!reference) return;
      const canonical = formatReference(reference);
      expect(parseReference(canonical)).toEqual(reference);
      expect(formatReference(parseReference(canonical))).toBe(canonical);
    }),
    { numRuns: 500 },
  );
});

test("two references are equal exactly when their canonical forms are", () => {
  const canonical = (text: string): string => formatReference(parseReference(text));
  for (const [a, b] of [
    ["x:a%2Fb", "x:a/b"],
    ["x:%41", "x:A"],
    ["x:a?b=1&c=2", "x:a?c=2&b=1"],
    ["x:a b", "x:a%20b"],
    ["x://h", "x://h/"],
    ["x:é", "x:%C3%A9"],
  ] as const)
    expect(canonical(a)).toBe(canonical(b));
  for (const [a, b] of [
    ["x:a", "x:A"],
    ["x:/a", "x:a"],
    ["x://a/b", "x:/a/b"],
    ["x://a/b", "x://a//b"],
    ["x:a#b", "x:a#/b"],
    ["x:a", "x:a#"],
    ["x:a?b", "x:a"],
    ["@x:a", "x:a"],
    ["x://a%2Fb/c", "x://a/b/c"],
    ["x:%2Fa", "x:a"],
  ] as const)
    expect(canonical(a)).not.toBe(canonical(b));
});
