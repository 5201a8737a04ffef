import { randomUUID } from "node:crypto";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AuthError } from "@auth/core";
import type { Config } from "./config.ts";
import { jsonSchema } from "./json-schema.ts";

const schemaFile = "config.schema.json";

/**
 * Writes the user's configuration, and beside it the schema that editors check it with. Readers see the old file or the new
 * one. Errors: `ERR_AUTH_DENIED/save-failed`.
 */
export async function saveConfig(path: string, config: Config): Promise<void> {
  const { $schema = `./${schemaFile}`, ...rest } = config;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // A link, as dotfile managers make them, stays one.
    const target = await realpath(path).catch(() => path);
    await replace(join(dirname(target), schemaFile), jsonSchema);
    await replace(target, { $schema, ...rest });
  } catch (error) {
    throw new AuthError("ERR_AUTH_DENIED", "save-failed", `The configuration ${path} could not be written.`, {
      cause: error,
    });
  }
}

async function replace(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
