import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Package } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import type { Part } from "./part.ts";

/** Whether a file can be parsed and loaded, by itself, in a process of its own; a command of ours is run instead. */
async function loads(app: string, file: string, bins: readonly string[]): Promise<string | undefined> {
  const path = join(app, file);
  const load = `import(${JSON.stringify(pathToFileURL(path).href)}).then(() => process.exit())`;
  try {
    await run(process.execPath, ["--check", path], { cwd: app });
    await run(process.execPath, bins.includes(path) ? [path, "--version"] : ["--eval", load], { cwd: app });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return `${file} does not load: ${error.message}`;
  }
}

/** Loads each file of each package as it is installed: a part that nothing but one command needs can be broken unseen. */
export async function everyFile(app: string, pkgs: readonly Package[]): Promise<Part> {
  const files = pkgs.flatMap(({ manifest }) =>
    globSync(`node_modules/${manifest.name}/dist/**/*.mjs`, { cwd: app }),
  );
  const bins = pkgs.flatMap(({ manifest: { name, bin = {} } }) =>
    Object.values(bin).map((file) => join(app, "node_modules", name, file)),
  );
  const problems: string[] = [];
  const queue = [...files];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const problem = await loads(app, file, bins);
      if (problem) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (files.length < pkgs.length) problems.push(`there are only ${files.length} files`);
  return { report: `${files.length} files of ${pkgs.length} packages load`, problems };
}
