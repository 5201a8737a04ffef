import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { file, jsonSchema } from "./json-schema.ts";

test("SEC-115 the JSON Schema that is shipped is the schema that is used (pnpm schema writes it)", () => {
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(jsonSchema());
});
