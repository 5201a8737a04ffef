import { userConfigPath } from "../config/paths.ts";
import type { Context } from "../context.ts";
import type { Define } from "../define.ts";

export const defineConfig: Define = (parent, context) => {
  const command = parent.command("config").summary("find and check your configuration");
  command
    .command("path")
    .summary("where it is, or would be")
    .action(() => configPath(context));
  command
    .command("check")
    .summary("read it, and build every profile in it")
    .action(() => configCheck(context));
  command
    .command("schema")
    .summary("its JSON Schema")
    .action(() => configSchema(context));
};

function configPath(context: Context): void {
  context.print(`${userConfigPath(context.options.config, context.around)}\n`);
}

/** The JSON Schema of that file. */
async function configSchema(context: Context): Promise<void> {
  const { jsonSchema } = await import("../config/json-schema.ts");
  context.json(jsonSchema);
}

/** Reads the file, and builds every profile as a command would. */
async function configCheck(context: Context): Promise<void> {
  const { path, config, exists } = await context.config();
  for (const [name, profile] of Object.entries(config.profiles)) {
    await using _ = await context.open({ name, profile, because: "" }, { looksOnly: true });
  }
  const count = Object.keys(config.profiles).length;
  const found = exists ? `${count} profile${count === 1 ? "" : "s"}, nothing wrong` : "no such file yet";
  if (context.options.json) return context.json({ config: path, exists, profiles: count });
  context.print(`${path}: ${found}\n`);
}
