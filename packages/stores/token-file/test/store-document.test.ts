import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  emptyDocument,
  formatDocument,
  parseDocument,
  readEntry,
  withEntry,
  withoutEntry,
} from "../src/store-document.ts";

const parse = (text: string) => parseDocument(text, "store", "/file");
const read = (text: string, key: string) => readEntry(parse(text), key, "store", "/file");
const stored = (value: string, key = "a") =>
  formatDocument(withEntry(emptyDocument, key, { value, generation: "g" }));

/** Keys and texts as they come, and those that are awkward in JSON. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.constantFrom("__proto__", "___proto__", "constructor", "", '{"__proto__":1}', '{"a":1,"a":2}', "\ud800"),
);

test("whatever text is written is read, under whatever key, byte by byte", () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyText, { maxKeys: 5 }), anyText, anyText, (others, key, value) => {
      const all = new Map([...Object.entries(others), [key, value]]);
      let document = emptyDocument;
      for (const [each, text] of all)
        document = withEntry(document, each, { value: text, generation: `of ${text}` });
      const again = parse(Buffer.from(formatDocument(document)).toString());
      expect([...again.entries.keys()].sort()).toEqual([...all.keys()].sort());
      for (const [each, text] of all)
        expect(readEntry(again, each, "", "")).toEqual({ value: text, generation: `of ${text}` });
      const without = parse(formatDocument(withoutEntry(again, key)));
      expect([...without.entries.keys()].sort()).toEqual(
        [...all.keys()].filter((each) => each !== key).sort(),
      );
    }),
  );
});

test("people can read what is JSON, and only if the same text comes back from it", () => {
  expect(stored('{"b":1,"a":[null,"x"]}')).toBe(`{
  "schema": 1,
  "entries": {
    "a": {
      "generation": "g",
      "record": {
        "b": 1,
        "a": [
          null,
          "x"
        ]
      }
    }
  }
}
`);
  for (const text of [
    '{ "a": 1 }',
    '{"a":1.0}',
    '{"2":1,"1":2}',
    '{"a":-0}',
    '{"a":1}\n',
    "[1]",
    '{"__proto__":{}}',
    "{}],[{}",
  ])
    expect(JSON.parse(stored(text))).toEqual({ schema: 1, entries: { a: { generation: "g", text } } });
});

test("a text nested as deep as JSON may be does not make the whole unreadable", () => {
  for (const depth of [59, 60, 61, 62, 63, 64, 65, 1000]) {
    const text = `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(read(stored(text), "a")?.value).toBe(text);
  }
});

describe("SEC-76 a file that is no token file", () => {
  test.each([
    ["empty", ""],
    ["blank", " \n"],
    ["truncated", stored("text").slice(0, -3)],
    ["not JSON", "access_token=x"],
    ["an array", "[]"],
    ["a string", '"schema"'],
    ["null", "null"],
    ["another shape", '{"access_token":"x"}'],
    ["without schema", '{"entries":{}}'],
    ["schema of another type", '{"schema":"1","entries":{}}'],
    ["schema 0", '{"schema":0,"entries":{}}'],
    ["schema 1.5", '{"schema":1.5,"entries":{}}'],
    ["without entries", '{"schema":1}'],
    ["entries of another type", '{"schema":1,"entries":[]}'],
    ["a key twice", '{"schema":1,"schema":1,"entries":{}}'],
    ["a __proto__ key", '{"schema":1,"entries":{},"__proto__":{}}'],
    ["nested too deep", `{"schema":1,"entries":{},"x":${"[".repeat(70)}${"]".repeat(70)}}`],
  ])("%s", (_, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "ERR_AUTH_INVALID",
        reason: "store-corrupted",
        message: expect.stringContaining("/file"),
      }),
    );
  });
});

test("SEC-13 a million brackets are an error, not a crash", () => {
  expect(() => parse("[".repeat(1_048_576))).toThrow(/is not a token file/);
  expect(() => parse(`{"a":${"[".repeat(500_000)}${"]".repeat(500_000)}}`)).toThrow(/is not a token file/);
});

describe("SEC-76 a bad entry", () => {
  const good = '"good":{"generation":"g","text":"kept"}';
  const bad = [
    "5",
    "null",
    "[]",
    '"text"',
    "{}",
    '{"generation":"g"}',
    '{"text":"x"}',
    '{"generation":"","text":"x"}',
    '{"generation":1,"text":"x"}',
    '{"generation":"g","text":1}',
    '{"generation":"g","record":"x"}',
    '{"generation":"g","record":[]}',
    '{"generation":"g","record":{},"text":"x"}',
  ];
  test.each(bad)("%s fails alone, and survives", (entry) => {
    const text = `{"schema":1,"entries":{"bad":${entry},${good}}}`;
    expect(() => read(text, "bad")).toThrow(expect.objectContaining({ reason: "store-corrupted" }));
    expect(read(text, "good")).toEqual({ generation: "g", value: "kept" });
    const rewritten = formatDocument(withEntry(parse(text), "new", { value: "x", generation: "h" }));
    expect(JSON.parse(rewritten)).toMatchObject({ entries: { bad: JSON.parse(entry) } });
    expect(read(rewritten, "good")).toEqual({ generation: "g", value: "kept" });
  });
});

describe("SEC-77 versions", () => {
  test("a newer one is refused", () => {
    expect(() => parse('{"schema":2,"entries":{}}')).toThrow(
      expect.objectContaining({ code: "ERR_AUTH_INVALID", reason: "store-version" }),
    );
  });

  test("an older one is brought up, step by step", () => {
    const migrations = {
      1: ({ entries, ...rest }: Record<string, unknown>) => ({ ...rest, logins: entries }),
      2: ({ logins, ...rest }: Record<string, unknown>) => ({ ...rest, entries: logins }),
    };
    const format = { schema: 3, migrations };
    const document = parseDocument(
      `{"schema":1,"entries":{"a":{"generation":"g","text":"x"}},"more":1}`,
      "",
      "",
      format,
    );
    expect(document.migratedFrom).toBe(1);
    expect(readEntry(document, "a", "", "")).toEqual({ generation: "g", value: "x" });
    expect(JSON.parse(formatDocument(document, format))).toEqual({
      schema: 3,
      more: 1,
      entries: { a: { generation: "g", text: "x" } },
    });
  });

  test("unknown fields survive, of the file and of an entry", () => {
    const text =
      '{"schema":1,"note":{"by":"us"},"entries":{"a":{"generation":"g","text":"x","label":"mine"}}}';
    const again = JSON.parse(
      formatDocument(withEntry(parse(text), "a", { value: "{}", generation: "h" })),
    ) as object;
    expect(again).toEqual({
      schema: 1,
      note: { by: "us" },
      entries: { a: { label: "mine", generation: "h", record: {} } },
    });
  });
});
