// pnpm new:source vault: writes packages/sources/vault from templates/source.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./packages.ts";
import { reformat, scopeOf } from "./rescope.ts";

/** Writes a source package, its tests failing until it reads something. Resolves to its folder, relative to `to`. */
export function newSource(name: string, to: string = root): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new TypeError("Give the source a name like vault or corporate-vault");
  const folder = `packages/sources/${name}`;
  if (existsSync(join(to, folder))) throw new TypeError(`${folder} is there already`);

  const pascal = name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  const named = (text: string): string => text.replaceAll("Thing", pascal).replaceAll(/\bthing\b/g, name);
  const template = join(root, "templates/source");
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file), text);
  };
  for (const entry of globSync("**", { cwd: template, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    write(join(folder, named(file.slice(template.length + 1))), named(readFileSync(file, "utf8")));
  }
  write(
    `.changeset/${name}.md`,
    `---\n"${scopeOf(root)}/${name}": minor\n---\n\nCredentials from ${name}: TODO, to its users, in one paragraph.\n`,
  );
  return folder;
}

if (import.meta.main) {
  const folder = newSource(process.argv[2] ?? "");
  const name = folder.split("/").at(-1);
  await reformat(root, folder);
  console.log(`${folder} is written. Next:
  pnpm install
  pnpm test --project ${name}       fails, and says what is missing
  pnpm test --project scripts -u    records what the package exports
  grep -rn TODO ${folder} .changeset/${name}.md`);
}
