import { type Credential, Secret } from "@auth/core";
import { credentialFrom, type PayloadOptions, parsePayload } from "@auth/core/payload";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { short, thrownBy } from "./support/outcome.ts";

/** A credential with its secrets laid open, without its source. */
function open(credential: Credential): unknown {
  const { source: _, ...rest } = credential;
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );
}
const read = (payload: unknown, options: Partial<PayloadOptions> = {}): unknown =>
  open(
    parsePayload(typeof payload === "string" ? payload : JSON.stringify(payload), {
      source: "vault",
      ...options,
    }),
  );
const failing = (payload: unknown, options: Partial<PayloadOptions> = {}): string =>
  short(thrownBy(() => read(payload, options)));

describe("a JSON object", () => {
  test.each([
    [
      { username: "u", password: "p" },
      { type: "password", username: "u", password: "p", account: "u" },
    ],
    [
      { client_id: "c", client_secret: "s" },
      { type: "client-secret", clientId: "c", clientSecret: "s" },
    ],
    [
      { clientId: "c", clientSecret: "s" },
      { type: "client-secret", clientId: "c", clientSecret: "s" },
    ],
    [{ api_key: "k" }, { type: "api-key", key: "k" }],
    [{ apiKey: "k" }, { type: "api-key", key: "k" }],
    [{ token: "t" }, { type: "access-token", token: "t" }],
    [{ access_token: "t" }, { type: "access-token", token: "t" }],
    [{ refresh_token: "r" }, { type: "refresh-token", refreshToken: "r" }],
    [
      {
        refreshToken: "r",
        accessToken: "t",
        clientId: "c",
        clientSecret: "s",
        accessTokenExpiresAt: "2027-01-01T00:00:00Z",
      },
      {
        type: "refresh-token",
        refreshToken: "r",
        accessToken: "t",
        clientId: "c",
        clientSecret: "s",
        accessTokenExpiresAt: new Date("2027-01-01T00:00:00Z"),
      },
    ],
    [
      { client_id: "c", private_key: "PEM", kid: "1", alg: "ES256" },
      { type: "private-key", clientId: "c", privateKey: "PEM", keyId: "1", algorithm: "ES256" },
    ],
    [
      { client_id: "c", private_key: { kty: "EC", d: "x" } },
      { type: "private-key", clientId: "c", privateKey: '{"kty":"EC","d":"x"}' },
    ],
    [
      { token: "t", account: "alice", expires_at: 1_800_000_000 },
      { type: "access-token", token: "t", account: "alice", expiresAt: new Date(1_800_000_000_000) },
    ],
    [
      { token: "t", unknown: { deep: [1] }, n: null },
      { type: "access-token", token: "t" },
    ],
    [
      { token: "t", api_key: null, password: null },
      { type: "access-token", token: "t" },
    ],
  ])("%j", (payload, expected) => {
    expect(read(payload)).toEqual(expected);
  });

  test("names its source and version, and is read-only", () => {
    const credential = parsePayload('{"token":"t"}', { source: "vault prod", version: "v7" });
    expect(credential).toMatchObject({ source: "vault prod", version: "v7" });
    expect(Object.isFrozen(credential)).toBe(true);
  });
});

describe("a bare string has the declared meaning", () => {
  test.each([
    [undefined, { type: "access-token", token: "abc" }],
    ["token", { type: "access-token", token: "abc" }],
    ["apiKey", { type: "api-key", key: "abc" }],
    ["refreshToken", { type: "refresh-token", refreshToken: "abc" }],
  ] as const)("%s", (bare, expected) => {
    expect(read("abc", bare ? { bare } : {})).toEqual(expected);
  });

  test("exactly as it is", () => {
    for (const text of ["a b", 'a"b', "a:b", "é🔑", "0x10", "true", " padded "])
      expect(read(text)).toEqual({ type: "access-token", token: text });
  });
});

describe("half a credential is an error that names what is missing, not a miss", () => {
  test.each([
    [{ username: "u" }, "password"],
    [{ password: "p" }, "username"],
    [{ username: "u", password: "  " }, "password"],
    [{ client_id: "c" }, "clientSecret"],
    [{ client_secret: "s" }, "clientId"],
    [{ private_key: "PEM" }, "clientId"],
  ])("%j", (payload, missing) => {
    const error = thrownBy(() => read(payload)) as Error;
    expect(short(error)).toBe("INVALID/half-credential");
    expect(error.message).toMatch(new RegExp(`"${missing}" is missing`));
  });

  test("in the source's own names", () => {
    const error = thrownBy(() =>
      credentialFrom({ username: "u" }, { source: "env" }, (field) => `ACME_${field.toUpperCase()}`),
    );
    expect((error as Error).message).toContain("ACME_PASSWORD is missing");
  });
});

describe("INVALID/payload-malformed for", () => {
  test.each([
    ["an empty text", ""],
    ["a blank text", " \n"],
    ["an empty object", {}],
    ["an object of other things", { host: "db", port: 5432 }],
    ["a list", [{ token: "t" }]],
    ["broken JSON", '{"token":'],
    ["a duplicate key", '{"token":"a","token":"b"}'],
    ["__proto__", '{"__proto__":{"token":"t"}}'],
    ["nesting beyond reason", `{"token":"t","x":${"[".repeat(100)}${"]".repeat(100)}}`],
    ["a token that is a number", { token: 5 }],
    ["a token that is an object", { token: {} }],
    ["a token that is true", { token: true }],
    ["one thing under two names", { client_id: "a", clientId: "a", client_secret: "s" }],
    ["an expiry that is no date", { token: "t", expires_at: "soon" }],
    ["an expiry in words that an engine may guess at", { token: "t", expires_at: "tomorrow 5" }],
    ["an expiry that is a small number in a text", { token: "t", expires_at: "1.5" }],
    ["a negative expiry", { token: "t", expires_at: -5 }],
    ["an expiry with a unit", { token: "t", expires_at: "3600s" }],
    ["a day that does not exist", { token: "t", expires_at: "2027-02-30T00:00:00Z" }],
    ["an expiry without a time zone", { token: "t", expires_at: "2027-02-03T00:00:00" }],
  ])("%s", (_, payload) => {
    expect(failing(payload)).toBe("INVALID/payload-malformed");
  });
});

test("SEC-33 an expiry is RFC 3339 or seconds since 1970", () => {
  for (const at of ["2027-01-01T00:00:00Z", "2027-01-01T01:00:00.000+01:00", 1_798_761_600, "1798761600"])
    expect(read({ token: "t", expires_at: at })).toMatchObject({
      expiresAt: new Date("2027-01-01T00:00:00Z"),
    });
});

test.each<[whose: string, payload: object, expiresAt: string | undefined]>([
  [
    "Azure's, in two ways",
    { accessToken: "t", expiresOn: "2026-01-02 03:04:05.123456", expires_on: 1_767_323_045 },
    "2026-01-02T03:04:05.000Z",
  ],
  ["Azure's, as a text", { access_token: "t", expires_on: "1767323045" }, "2026-01-02T03:04:05.000Z"],
  ["its library's", { accessToken: "t", expiresOn: "2026-01-02T03:04:05.000Z" }, "2026-01-02T03:04:05.000Z"],
  ["gcloud's", { access_token: "t", token_expiry: "2026-01-02T03:04:05Z" }, "2026-01-02T03:04:05.000Z"],
  ["Go's", { access_token: "t", expiry: "2026-01-02T04:04:05+01:00" }, "2026-01-02T03:04:05.000Z"],
  [
    "ours before all others",
    { token: "t", expires_at: 1_767_323_045, expiry: "2027-01-01T00:00:00Z" },
    "2026-01-02T03:04:05.000Z",
  ],
  ["Go's for a time that it does not know", { access_token: "t", expiry: "0001-01-01T00:00:00Z" }, undefined],
])("when a token ends is found under a vendor's name: %s", (_whose, payload, expiresAt) => {
  expect(read(payload)).toEqual({
    type: "access-token",
    token: "t",
    ...(expiresAt && { expiresAt: new Date(expiresAt) }),
  });
});

test("beside a refresh token it is the access token that ends", () => {
  expect(read({ access_token: "a", refresh_token: "r", token_expiry: "2026-01-02T03:04:05Z" })).toEqual({
    type: "refresh-token",
    refreshToken: "r",
    accessToken: "a",
    accessTokenExpiresAt: new Date("2026-01-02T03:04:05Z"),
  });
});

test("a vendor's time that means no instant is refused, never passed over", () => {
  for (const expiresOn of ["2026-01-02 03:04:05.123456", "tomorrow"])
    expect(failing({ accessToken: "t", expiresOn })).toBe("INVALID/payload-malformed");
});

test("what was found instead of an object is said", () => {
  const words = (payload: unknown): string => (thrownBy(() => read(payload)) as Error).message;
  expect(words([1])).toContain("the payload is a list, and neither a JSON object nor a string");
  expect(words({ token: [] })).toContain('has a "token" that is a list, not a string');
  expect(words({ password: 5 })).toContain('has a "password" that is a number, not a string');
});

test("SEC-13 only own keys count", () => {
  expect(failing('{"constructor":"x"}')).toBe("INVALID/payload-malformed");
  expect(failing({ a: 1 }, { fields: { token: "toString" } })).toBe("INVALID/payload-malformed");
  expect(failing({ a: 1 }, { field: "hasOwnProperty" })).toBe("NOT_FOUND/no-field");
  expect(failing({ a: [] }, { field: "/a/length" })).toMatch(/^(?:NOT_FOUND|INVALID)\//);
});

describe("a declared field map replaces the usual names", () => {
  test("by top-level key and by pointer", () => {
    const payload = { "db.user": "u", login: { pass: ["p"] }, username: "ignored" };
    expect(read(payload, { fields: { username: "db.user", password: "/login/pass/0" } })).toEqual({
      type: "password",
      username: "u",
      password: "p",
      account: "u",
    });
  });

  test("an absent one is half a credential", () => {
    expect(failing({ u: "u" }, { fields: { username: "u", password: "nope" } })).toBe(
      "INVALID/half-credential",
    );
  });

  test("needs JSON", () => {
    expect(failing("bare", { fields: { token: "t" } })).toBe("INVALID/payload-malformed");
  });
});

describe("a field picks a part, which is read like a whole payload", () => {
  test.each([
    ["/a", { a: "t" }, { type: "access-token", token: "t" }],
    ["a.b", { "a.b": "t" }, { type: "access-token", token: "t" }],
    ["/a~1b/c~0d", { "a/b": { "c~d": "t" } }, { type: "access-token", token: "t" }],
    ["/~01", { "~1": "t" }, { type: "access-token", token: "t" }],
    ["/list/1", { list: ["x", "t"] }, { type: "access-token", token: "t" }],
    [
      "db",
      { db: { username: "u", password: "p" } },
      { type: "password", username: "u", password: "p", account: "u" },
    ],
    ["/", { "": "t" }, { type: "access-token", token: "t" }],
  ])("%s", (field, payload, expected) => {
    expect(read(payload, { field })).toEqual(expected);
  });

  test("absent: NOT_FOUND/no-field", () => {
    for (const field of ["b", "/a/b", "/list/7"])
      expect(failing({ a: "t", list: [] }, { field })).toBe("NOT_FOUND/no-field");
  });

  test("there, but no credential", () => {
    for (const value of [5, null, [], true, {}])
      expect(failing({ a: value }, { field: "a" })).toBe("INVALID/payload-malformed");
  });
});

test("SEC-4 no error quotes the payload", () => {
  const { value, check } = canary("payload");
  for (const payload of [
    `{"password":"${value}"`,
    { password: value },
    { token: [value] },
    { token: "t", expires_at: value },
    { [value]: 1 },
    `[${JSON.stringify(value)}]`,
  ])
    check(thrownBy(() => read(payload)));
});

test("SEC-1 the credential prints without its secrets", () => {
  const { value, check } = canary("payload");
  for (const payload of [
    value,
    { username: "u", password: value },
    { refresh_token: value, client_secret: value, access_token: value },
  ])
    check(parsePayload(typeof payload === "string" ? payload : JSON.stringify(payload), { source: "vault" }));
});
