import { parseJson } from "@auth/core/payload";
import { canary } from "@auth/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { thrownBy } from "./support/outcome.ts";

test("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, "\t"), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      fc.pre(!text.includes("__proto__"));
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

describe("SEC-13 a SyntaxError for", () => {
  test.each([
    ["a duplicate key", '{"a":1,"a":2}'],
    ["a duplicate key in another spelling", '{"a":1,"\\u0061":2}'],
    ["a duplicate key far down", '[{"b":[{"a":1,"c":{},"a":2}]}]'],
    ["a duplicate key around a nested one", '{"a":{"b":1},"c":[1],"a":2}'],
    ["__proto__", '{"__proto__":{"admin":true}}'],
    ["__proto__ in another spelling", '{"\\u005f_proto__":1}'],
    ["__proto__ with a space before the colon", '{"__proto__" \n :1}'],
    ["nesting deeper than 64", `${"[".repeat(65)}${"]".repeat(65)}`],
    ["nesting deeper than any stack", `${"[".repeat(500_000)}${"]".repeat(500_000)}`],
    ["objects nested deeper than any stack", `${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}`],
    ["nothing", ""],
    ["half of it", '{"a":'],
    ["two values", "{}{}"],
    ["a comment", "{} // no"],
    ["a trailing comma", "[1,]"],
    ["single quotes", "{'a':1}"],
    ["NaN", "NaN"],
    ["a byte order mark", "\ufeff{}"],
  ])("%s", (_, text) => {
    expect(thrownBy(() => parseJson(text))).toBeInstanceOf(SyntaxError);
  });
});

describe("takes", () => {
  test.each([
    ["the same key in two objects", '[{"a":1},{"a":2}]'],
    ["a key that is a value elsewhere", '{"a":"a","b":["a","a"]}'],
    ["__proto__ as a value", '{"a":"__proto__"}'],
    ["brackets and colons in strings", '{"a":"]}{[:","b":"\\"]:"}'],
    ["64 levels", `${"[".repeat(64)}${"]".repeat(64)}`],
    ["escaped quotes in keys", '{"a\\"b":1,"a\\\\":2}'],
  ])("%s", (_, text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });
});

test("SEC-13 constructor and prototype are ordinary own keys and pollute nothing", () => {
  const value = parseJson('{"constructor":{"prototype":{"polluted":1}},"prototype":2}') as Record<
    string,
    unknown
  >;
  expect(Object.hasOwn(value, "constructor")).toBe(true);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("SEC-4 no error quotes the text", () => {
  const { value, check } = canary("json");
  for (const text of [`{"password":"${value}"`, `{"${value}":1,"${value}":2}`, value, `["${value}",]`])
    check(thrownBy(() => parseJson(text)));
});

test("SEC-13 a text longer than any engine's patience is a SyntaxError or a value, never another error", () => {
  const text = JSON.stringify("x".repeat(16 * 1024 * 1024));
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    value = error;
  }
  if (typeof value !== "string") expect(value).toBeInstanceOf(SyntaxError);
});

test("SEC-4 a mistake has its place, and none of the text", () => {
  const places: [text: string, place: string][] = [
    ['{"a":1,}', "line 1, column 8"],
    ['{\n  "a": 1,\r\n  "b": 2,\n}', "line 4, column 1"],
    ["{'a':1}", "line 1, column 2"],
    ['{"a" 1}', "line 1, column 6"],
    ['{"a":nope}', "line 1, column 6"],
    ['{"a":01}', "line 1, column 6"],
    ['{"a":"x\ny"}', "line 1, column 6"],
    ['{"a":[1,{"b":null,}]}', "line 1, column 19"],
    ['{"a":1} x', "line 1, column 9"],
    ['{"a":1', "line 1, column 7"],
    ["", "line 1, column 1"],
  ];
  for (const [text, place] of places)
    expect(() => parseJson(text), text).toThrow(new SyntaxError(`not strict JSON, at ${place}`));
  // It is JSON; what is wrong with it is what it says.
  expect(() => parseJson('{"a":1,"a":2}')).toThrow(new SyntaxError("not strict JSON"));
});

const mistake = (parse: (text: string) => unknown, text: string): string => {
  try {
    parse(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test("where it finds no mistake, there is none", () => {
  const text = fc.jsonValue().chain((value) => fc.constant(JSON.stringify(value, undefined, 1)));
  fc.assert(
    fc.property(text, fc.nat(), fc.constantFrom("", ",", "}", '"', "1", "\\"), (json, at, put) => {
      const cut = at % (json.length + 1);
      const broken = json.slice(0, cut) + put + json.slice(cut + 1);
      fc.pre(!broken.includes("__proto__"));
      expect(mistake(parseJson, broken).includes(", at line ")).toBe(mistake(JSON.parse, broken) !== "");
    }),
  );
});
