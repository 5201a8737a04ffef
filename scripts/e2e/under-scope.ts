import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../packages.ts";
import { reformat, rescope, scopeOf, sourceFiles } from "../rescope.ts";
import { CommandFailed, run } from "../run.ts";
import { withoutNpm } from "./registry.ts";

/** Copies the repository, renames its scope there, and has the copy prove itself. Resolves to what was found wrong. */
export async function underScope(scope: string, work: string, parts: readonly string[]): Promise<string[]> {
  const copy = join(work, "copy");
  for (const file of await sourceFiles(root)) {
    if (!existsSync(join(root, file))) continue; // deleted, and not committed yet
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  const from = scopeOf(root);
  const git = (...args: string[]): Promise<string> => run("git", args, { cwd: copy });
  await git("init", "--quiet");
  await git("add", "--all");
  const changed = await rescope(copy, scope);
  console.log(`${from} → ${scope}: ${changed.length} files`);

  const env = withoutNpm(process.env);
  try {
    await run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: copy, env });
    await reformat(copy);
    await run(join(copy, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"], { cwd: copy, env });
    const proof = await run(process.execPath, ["scripts/e2e.ts", "--without-command", ...parts], {
      cwd: copy,
      env,
      timeoutMs: 1_800_000,
    });
    console.log(proof.trimEnd());
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return [error.message];
  }
  const left = (await sourceFiles(copy)).filter((file) =>
    readFileSync(join(copy, file), "utf8").includes(`${from}/`),
  );
  return left.map((file) => `${file} still names ${from}/`);
}
