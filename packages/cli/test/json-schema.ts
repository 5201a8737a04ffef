// The JSON Schema of the configuration file, made of the schema that reads it. `pnpm schema` writes it down.
import { writeFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import { configSchema } from "../src/config/schema.ts";

export const file: URL = new URL("../src/config/config.schema.json", import.meta.url);

export function jsonSchema(): object {
  return { title: "Configuration of the auth command", ...toJsonSchema(configSchema) };
}

if (import.meta.main) writeFileSync(file, JSON.stringify(jsonSchema()));
