import { AccessToken, decodeRecord, encodeRecord, Secret, type TokenRecord } from "@auth/core";
import { canary } from "@auth/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { short, thrownBy } from "./support/outcome.ts";

const full: TokenRecord = {
  tokens: {
    accessToken: new AccessToken("at", {
      type: "DPoP",
      id: "id-1",
      expiresAt: new Date(3_600_000),
      obtainedAt: new Date(0),
      scopes: ["read", "write"],
    }),
    refreshToken: new Secret("rt"),
    idToken: new Secret("it"),
    refreshAfter: new Date(1_800_000),
    sessionExpiresAt: new Date(36_000_000),
    extra: { tenant: "north", nested: { list: [1, "a", null, true] } },
  },
  partition: "acme alice",
  scopes: ["admin"],
  dead: { reason: "refresh-token-rejected", at: new Date(7_200_000) },
  spent: "c3BlbnQ",
  bought: { provider: "vault", version: "v7", account: "alice" },
};

/** A record with its secrets laid open, to compare. */
function open({ tokens, ...rest }: TokenRecord): unknown {
  const { accessToken, refreshToken, idToken, ...more } = tokens;
  return {
    ...rest,
    tokens: {
      ...more,
      accessToken: Object.assign({ value: accessToken.reveal() }, accessToken),
      refreshToken: refreshToken?.reveal(),
      idToken: idToken?.reveal(),
    },
  };
}
const minimal = '{"schema":1,"tokens":{"accessToken":{"value":"at","type":"Bearer","id":"1"}}}';
/** The minimal record with some of its fields replaced. */
const varied = (fields: object): string => JSON.stringify({ ...JSON.parse(minimal), ...fields });
const withTokens = (fields: object): string =>
  varied({ tokens: { ...JSON.parse(minimal).tokens, ...fields } });
const withAccess = (fields: object): string =>
  withTokens({ accessToken: { ...JSON.parse(minimal).tokens.accessToken, ...fields } });

test("what is written is read back", () => {
  expect(open(decodeRecord(encodeRecord(full)))).toEqual(open(full));
  const least: TokenRecord = { tokens: { accessToken: new AccessToken("at") } };
  expect(open(decodeRecord(encodeRecord(least)))).toEqual(open(least));
  expect(Object.keys(decodeRecord(encodeRecord(least)))).toEqual(["tokens"]);
});

test("whatever the record: reading back what was written gives the same", () => {
  const odd = fc.constantFrom("a", "é", "🔑", "\ud800", "\0", "\n", '"', "\\", "\u2028", "]", "}", ":");
  const text = fc.string({ minLength: 1, unit: odd, maxLength: 8 });
  const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(253_402_300_799_999) });
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
  const ascii = fc.string({ unit: visible, minLength: 1, maxLength: 20 });
  const json = fc
    .dictionary(ascii, fc.jsonValue({ maxDepth: 2 }), {
      noNullPrototype: true,
      maxKeys: 4,
    })
    .map((value) => JSON.parse(JSON.stringify(value))); // without -0
  const record = fc.record({
    access: ascii,
    type: fc.constantFrom("Bearer", "DPoP"),
    expiresAt: optional(date),
    obtainedAt: optional(date),
    scopes: optional(fc.array(text, { size: "xsmall" })),
    refresh: optional(text),
    id: optional(text),
    refreshAfter: optional(date),
    sessionExpiresAt: optional(date),
    extra: optional(json),
    partition: optional(text),
    asked: optional(fc.array(text, { size: "xsmall" })),
    spent: optional(text),
    dead: optional(fc.record({ reason: text, at: date })),
  });
  fc.assert(
    fc.property(record, (given) => {
      const compact = <T extends object>(fields: T): T =>
        Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
      const { access, type, expiresAt, obtainedAt, scopes, refresh, id, asked, ...rest } = given;
      const { refreshAfter, sessionExpiresAt, extra, ...own } = rest;
      const made = compact({
        ...own,
        scopes: asked,
        tokens: compact({
          accessToken: new AccessToken(access, { type, expiresAt, obtainedAt, scopes }),
          refreshToken: refresh === undefined ? undefined : new Secret(refresh),
          idToken: id === undefined ? undefined : new Secret(id),
          refreshAfter,
          sessionExpiresAt,
          extra,
        }),
      }) as TokenRecord;
      fc.pre(!encodeRecord(made).includes("__proto__"));
      expect(open(decodeRecord(encodeRecord(made)))).toEqual(open(made));
    }),
    { numRuns: 100 },
  );
});

test("SEC-77 unknown fields of the record survive rewriting; of the tokens, they say nothing of the next ones", () => {
  const now = JSON.parse(encodeRecord(full));
  const future = {
    ...now,
    note: { by: "the future" },
    tokens: { ...now.tokens, binding: "of these tokens alone" },
  };
  const again = JSON.parse(encodeRecord(decodeRecord(JSON.stringify(future))));
  expect(again).toEqual({ ...now, note: { by: "the future" } });
});

test("SEC-77 a newer schema is INVALID/store-version, whatever else is in it", () => {
  for (const text of [
    varied({ schema: 2 }),
    varied({ schema: 1e9 }),
    '{"schema":2}',
    '{"schema":2,"tokens":[]}',
  ])
    expect(short(thrownBy(() => decodeRecord(text)))).toBe("INVALID/store-version");
});

describe("SEC-13 SEC-76 INVALID/store-corrupted for", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a cut record", encodeRecord(full).slice(0, -20)],
    ["a list", "[]"],
    ["null", "null"],
    ["a string", '"at"'],
    ["no schema", minimal.replace('"schema":1,', "")],
    ["an older schema", varied({ schema: 0 })],
    ["a schema that is a string", varied({ schema: "1" })],
    ["no tokens", varied({ tokens: undefined })],
    ["tokens that are a list", varied({ tokens: [] })],
    ["no access token", withTokens({ accessToken: undefined })],
    ["an access token that is a string", withTokens({ accessToken: "at" })],
    ["an access token with a line break", withAccess({ value: "a\nb" })],
    ["an access token that is a number", withAccess({ value: 1 })],
    ["a type with a line break", withAccess({ type: "Bearer\r\nx: y" })],
    ["an empty id", withAccess({ id: "" })],
    ["an expiry that is a number", withAccess({ expiresAt: 0 })],
    ["an expiry that is no date", withAccess({ expiresAt: "soon" })],
    ["an expiry that is null", withAccess({ expiresAt: null })],
    ["scopes that are a string", withAccess({ scopes: "read" })],
    ["a scope that is a number", withAccess({ scopes: [1] })],
    ["a refresh token that is null", withTokens({ refreshToken: null })],
    ["an empty refresh token", withTokens({ refreshToken: "" })],
    ["an ID token that is an object", withTokens({ idToken: {} })],
    ["extra that is a list", withTokens({ extra: [] })],
    ["a partition that is a number", varied({ partition: 1 })],
    ["dead without a reason", varied({ dead: { at: new Date(0) } })],
    ["dead without a date", varied({ dead: { reason: "x" } })],
    ["dead that is true", varied({ dead: true })],
  ])("%s", (_, text) => {
    expect(short(thrownBy(() => decodeRecord(text)))).toBe("INVALID/store-corrupted");
  });

  test.each([
    ["a duplicate key", minimal.replace('"schema":1', '"schema":1,"schema":1')],
    ["a __proto__ key", minimal.replace('"schema":1', '"schema":1,"__proto__":{}')],
    ["deep nesting", varied({ note: JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`) })],
  ])("%s", (_, text) => {
    expect(short(thrownBy(() => decodeRecord(text)))).toBe("INVALID/store-corrupted");
  });

  test("nesting deeper than any stack", () => {
    const deep = `${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}`;
    const note = minimal.replace('"schema":1', `"schema":1,"note":${deep}`);
    const extra = minimal.replace('"tokens":{', `"tokens":{"extra":${deep},`);
    for (const text of [deep, note, extra])
      expect(short(thrownBy(() => decodeRecord(text)))).toBe("INVALID/store-corrupted");
  });
});

test("SEC-4 no error quotes the text", () => {
  const { value, check } = canary("record");
  for (const text of [
    `{"schema":1,"tokens":{"accessToken":{"value":"${value}"`,
    value,
    varied({ schema: 7, x: value }),
  ])
    check(thrownBy(() => decodeRecord(text)));
  check(thrownBy(() => decodeRecord(withAccess({ value: `${value} ` }))));
});

test("SEC-33 dates are kept to the millisecond, and in UTC", () => {
  const at = new Date("2027-03-28T01:30:00.123+02:00");
  const text = encodeRecord({ tokens: { accessToken: new AccessToken("at", { expiresAt: at }) } });
  expect(text).toContain('"2027-03-27T23:30:00.123Z"');
  expect(decodeRecord(text).tokens.accessToken.expiresAt).toEqual(at);
});

test("SEC-1 a decoded record prints without its secrets", () => {
  const { value, check } = canary("record");
  const record = decodeRecord(
    encodeRecord({
      tokens: {
        accessToken: new AccessToken(value),
        refreshToken: new Secret(value),
        idToken: new Secret(value),
      },
    }),
  );
  expect(record.tokens.refreshToken?.reveal()).toBe(value);
  check(record);
});
