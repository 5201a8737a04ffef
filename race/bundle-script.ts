import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** What many processes run. */
export interface Script extends AsyncDisposable {
  readonly path: string;
  /** For all of them: the first one compiles, and the others find what it has compiled. */
  readonly env: { readonly NODE_COMPILE_CACHE: string };
}

/** A module with all that it imports, in as few files as can be: thousands of processes are to start in minutes. */
export async function bundleScript(module: `./${string}.ts`): Promise<Script> {
  const directory = await mkdtemp(join(tmpdir(), "race-script-"));
  const build = await rolldown({
    input: fileURLToPath(new URL(module, import.meta.url)),
    platform: "node",
    resolve: { conditionNames: ["src", "node", "import"] },
    logLevel: "silent",
  });
  const name = `${basename(module, ".ts")}.mjs`;
  await build.write({ dir: directory, format: "esm", entryFileNames: name, chunkFileNames: "[name].mjs" });
  await build.close();
  return {
    path: join(directory, name),
    env: { NODE_COMPILE_CACHE: join(directory, "compiled") },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
