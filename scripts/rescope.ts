// pnpm rescope @acme: renames the scope of our packages wherever it stands, so that its owner can publish them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./packages.ts";
import { root } from "./packages.ts";
import { run } from "./run.ts";

/** What npm takes for a scope, with the sign. */
const scopes = /^@[a-z0-9~-][a-z0-9._~-]*$/;

/** The scope of the packages in a repository: that of core. */
export function scopeOf(folder: string): string {
  const { name } = JSON.parse(readFileSync(join(folder, "packages/core/package.json"), "utf8")) as Manifest;
  return name.split("/")[0] as string;
}

/** Replaces the scope of package names. A scope that stands alone is prose about it, and stays. */
export function rescopeText(text: string, from: string, to: string): string {
  const name = new RegExp(`(?<![\\w@.-])${from.replaceAll(".", "\\.")}(?=/)`, "g");
  return text.replace(name, to);
}

/** Every file that git knows or would add. */
export async function sourceFiles(folder: string): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  return (await run("git", args, { cwd: folder })).split("\0").filter((file) => file !== "");
}

/** Rewrites the files of a repository; resolves to those that changed. */
export async function rescope(folder: string, to: string): Promise<string[]> {
  if (!scopes.test(to)) throw new TypeError(`"${to}" is not a scope. Give one like @acme`);
  const from = scopeOf(folder);
  const changed: string[] = [];
  for (const file of await sourceFiles(folder)) {
    const path = join(folder, file);
    const before = readFileSync(path);
    if (before.includes(0)) continue; // not text
    const after = rescopeText(before.toString("utf8"), from, to);
    if (after === before.toString("utf8")) continue;
    writeFileSync(path, after);
    changed.push(file);
  }
  return changed;
}

/** After names have changed: lines of another length break elsewhere, and imports sort differently. */
export async function reformat(folder: string, path: string = "."): Promise<void> {
  await run(join(root, "node_modules/.bin/biome"), ["check", "--write", "--linter-enabled=false", path], {
    cwd: folder,
  });
}

if (import.meta.main) {
  const [to = ""] = process.argv.slice(2);
  const from = scopeOf(root);
  const changed = await rescope(root, to);
  await run("pnpm", ["install", "--no-frozen-lockfile"]);
  await reformat(root);
  console.log(
    `${from} is now ${to}, in ${changed.length} files. See what changed with git diff; prove it with pnpm e2e.`,
  );
}
