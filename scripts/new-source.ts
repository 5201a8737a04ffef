// pnpm new:source vault: writes packages/sources/vault from templates/source.
// pnpm new:source vault --to ~/auth-source-vault: writes a package of its own, with core and testkit packed beside it.
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Manifest, packages, root } from "./packages.ts";
import { reformat, scopeOf } from "./rescope.ts";
import { CommandFailed, run } from "./run.ts";

/** What of templates/source only this repository understands; templates/standalone has its own of most of them. */
const ours = [
  "package.json",
  "tsconfig.json",
  "tsconfig.src.json",
  "tsdown.config.ts",
  "vitest.config.ts",
  "test/readme.test.ts",
];

const pascal = (name: string): string =>
  name.replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());

/** Writes the files of a template, with the source's name in their text and their paths. */
function writeFrom(
  template: "source" | "standalone",
  folder: string,
  name: string,
  { change = (text: string): string => text, without = [] as readonly string[] } = {},
): void {
  const named = (text: string): string =>
    change(text.replaceAll("Thing", pascal(name)).replaceAll(/\bthing\b/g, name));
  const from = join(root, "templates", template);
  for (const entry of globSync("**", { cwd: from, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = relative(from, path).replaceAll("\\", "/");
    if (without.includes(file)) continue;
    const target = join(folder, named(file).replace(/^gitignore$/, ".gitignore"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, named(readFileSync(path, "utf8")));
  }
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new TypeError("Give the source a name like vault or corporate-vault: pnpm new:source vault");
}

/** Writes a source package, its tests failing until it reads something. Resolves to its folder, relative to `to`. */
export function newSource(name: string, to: string = root): string {
  checkName(name);
  const folder = `packages/sources/${name}`;
  if (existsSync(join(to, folder))) throw new TypeError(`${folder} is there already. Take another name`);
  writeFrom("source", join(to, folder), name);
  mkdirSync(join(to, ".changeset"), { recursive: true });
  writeFileSync(
    join(to, `.changeset/${name}.md`),
    `---\n"${scopeOf(root)}/${name}": minor\n---\n\nCredentials from ${name}: TODO, to its users, in one paragraph.\n`,
  );
  return folder;
}

/** Where core and testkit come from, by name: `file:vendor/auth-core-100.0.0.tgz`. */
export type Places = Readonly<Record<string, string>>;

/** Writes the same as a package of its own, for npm and pnpm, which belongs to no workspace. */
export function newStandaloneSource(name: string, folder: string, places: Places): void {
  checkName(name);
  checkFolder(folder);
  const scope = scopeOf(root);
  const own = `auth-source-${name}`;
  const change = (text: string): string =>
    text
      .replace(/^That is once it is published;[\s\S]*?\n\n/m, "")
      .replace(
        "Runs on Node 22.13 or later, Bun and Deno.",
        "Runs on Node 22.13 or later. TODO: what else you have tried.",
      )
      .replaceAll(`${scope}/${name}@${majorOf(scope)}`, own)
      .replaceAll(`${scope}/${name}`, own)
      .replaceAll('from "vitest"', 'from "node:test"');
  writeFrom("source", folder, name, { change, without: ours });
  writeFrom("standalone", folder, name, { change });

  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const core = packages().find((each) => each.folder === "packages/core")?.manifest as Manifest;
  const written = {
    ...manifest,
    // An app brings its core, and holds one copy of it.
    peerDependencies: { [core.name]: `^${core.version}` },
    devDependencies: { ...places, ...Object.fromEntries(["@types/node", "typescript"].map(catalogued)) },
    // Testkit wants a core by its version, which a registry may not have, or have from somebody else.
    overrides: places,
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(written, undefined, 2)}\n`);
  const lines = Object.entries(places).map(([each, place]) => `  "${each}": ${place}\n`);
  writeFileSync(join(folder, "pnpm-workspace.yaml"), `overrides:\n${lines.join("")}`);
}

/** The major version of our packages: one of somebody else's has its own. */
const majorOf = (scope: string): string =>
  packages()
    .find(({ manifest }) => manifest.name === `${scope}/core`)
    ?.manifest.version.split(".")[0] ?? "";

/** A folder that is not there, or empty, and not in this repository, whose workspace would claim it. */
function checkFolder(folder: string): void {
  if (!relative(root, folder).startsWith(".."))
    throw new TypeError(`${folder} is in this repository. Name a folder outside, or leave out --to`);
  if (existsSync(folder) && readdirSync(folder).some((file) => file !== "vendor"))
    throw new TypeError(`${folder} is there already, and not empty. Name another`);
}

const catalogued = (name: string): [string, string] => {
  const catalog = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");
  const [, version] = new RegExp(`^  '?${name}'?: (\\S+)$`, "m").exec(catalog) ?? [];
  if (!version) throw new Error(`${name} is not in the catalog`);
  return [name, `^${version}`];
};

/** Builds core and testkit, and packs them into `vendor` of a folder. */
export async function vendor(folder: string): Promise<Places> {
  const wanted = packages().filter((each) => ["packages/core", "packages/testkit"].includes(each.folder));
  const filters = wanted.map(({ manifest }) => `--filter=${manifest.name}`);
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
  await run(join(root, "node_modules/.bin/turbo"), ["run", "build", ...filters], { env, timeoutMs: 600_000 });
  await run("pnpm", [...filters, "pack", "--pack-destination", join(folder, "vendor")]);
  return Object.fromEntries(
    wanted.map(({ manifest: { name, version } }) => [
      name,
      `file:vendor/${name.slice(1).replace("/", "-")}-${version}.tgz`,
    ]),
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { to: { type: "string" } },
  });
  const [name = "", ...others] = positionals;
  if (others.length > 0) throw new TypeError(`One name, not ${positionals.length}: pnpm new:source vault`);
  checkName(name);
  if (values.to === undefined) {
    const folder = newSource(name);
    await reformat(root, folder);
    console.log(`${folder} is written. Next:
  pnpm install
  pnpm test --project ${name}       fails, and says what is missing
  pnpm test --project scripts -u    records what the package exports
  grep -rn TODO ${folder} .changeset/${name}.md`);
    return;
  }
  // pnpm runs this in the repository's root; a relative path means where the person stands.
  const folder = resolve(process.env["INIT_CWD"] ?? ".", values.to);
  checkFolder(folder);
  newStandaloneSource(name, folder, await vendor(folder));
  console.log(`${folder} is written, a package of its own. Next:
  cd ${folder}
  npm install                       or pnpm install
  npm test                          fails, and says what is missing
  grep -rn TODO src test README.md`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    // Words for a person who typed something; whatever else goes wrong shows where.
    if (!(error instanceof TypeError || error instanceof CommandFailed)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
