// pnpm pack:all ~/my-app env fetch: packs these packages, and all that they need, so that the app can install them.
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { type Package, packages, root } from "./packages.ts";
import { scopeOf } from "./rescope.ts";
import { CommandFailed, run } from "./run.ts";

/** Where the packages lie in the app: part of it, so that it installs anywhere. */
const vendor = "vendor";

/** Where each package is, by its name: "file:vendor/auth-env-100.0.0-1f0c….tgz". */
export type Places = Readonly<Record<string, string>>;

/** Builds what is stale and packs everything into a folder that is there. */
export async function packAll(folder: string): Promise<void> {
  await run(join(root, "node_modules/.bin/turbo"), ["run", "build"], {
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
    timeoutMs: 600_000,
  });
  await run("pnpm", ["--recursive", "--filter", "./packages/**", "pack", "--pack-destination", folder]);
}

/** Packs into the app's `vendor`, and takes out what was packed there before. */
async function packInto(app: string): Promise<Places> {
  const folder = join(app, vendor);
  mkdirSync(folder, { recursive: true });
  const fresh = mkdtempSync(join(folder, "packing-"));
  try {
    await packAll(fresh);
    const prefix = `${scopeOf(root).slice(1)}-`;
    for (const file of readdirSync(folder))
      if (file.startsWith(prefix) && file.endsWith(".tgz")) rmSync(join(folder, file));
    const places = packages().map(({ manifest: { name, version } }) => {
      const packed = `${name.slice(1).replace("/", "-")}-${version}`;
      const from = join(fresh, `${packed}.tgz`);
      // Package managers take a file of the same name for the same file, and would keep what they had installed.
      const digest = createHash("sha256").update(readFileSync(from)).digest("hex").slice(0, 8);
      const file = `${packed}-${digest}.tgz`;
      renameSync(from, join(folder, file));
      return [name, `file:${vendor}/${file}`];
    });
    return Object.fromEntries(places) as Places;
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

interface AppManifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  overrides?: Record<string, unknown>;
  resolutions?: Record<string, unknown>;
}

/**
 * The manifest of an app that depends on these packages. Whatever asks for one of ours gets it from its place: npm and Bun
 * find that in `overrides`, yarn in `resolutions`.
 */
export function withPackages(
  manifest: AppManifest,
  names: readonly string[],
  places: Places,
  all: readonly Package[] = packages(),
): AppManifest {
  // What was added by an earlier call has another place by now.
  const moved = (before: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(before).map(([name, range]) => [name, places[name] ?? range]));
  const { devDependencies } = manifest;
  const added = names.filter((name) => !(name in (devDependencies ?? {})));
  const dependencies = moved(manifest.dependencies);
  for (const name of added) dependencies[name] = places[name] as string;
  const needed = closureOf(Object.keys({ ...dependencies, ...devDependencies }), all);
  const theirs = (before: Record<string, unknown> = {}): Record<string, unknown> =>
    Object.fromEntries(Object.entries(before).filter(([name]) => !(name in places)));
  const ours = Object.fromEntries(needed.map((name) => [name, places[name]]));
  return {
    ...manifest,
    dependencies,
    ...(devDependencies && { devDependencies: moved(devDependencies) }),
    overrides: { ...theirs(manifest.overrides), ...ours },
    resolutions: { ...theirs(manifest.resolutions), ...ours },
  };
}

/**
 * What these packages bring along of ours, and they themselves. Optional peers are not among it: npm takes a place for a peer that
 * nobody asked for as a conflict.
 */
export function closureOf(names: readonly string[], all: readonly Package[]): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    const manifest = all.find((each) => each.manifest.name === name)?.manifest;
    if (!manifest || found.has(name)) return;
    found.add(name);
    for (const other of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
      add(other);
  };
  for (const name of names) add(name);
  return [...found];
}

/** The text of the app's `pnpm-workspace.yaml`, where pnpm wants to read what others read in the manifest. */
export function withOverrides(yaml: string, places: Places): string {
  const before = yaml.split("\n").filter((line) => !/^\s+\S+: ["']?file:vendor\//.test(line));
  if (before.some((line) => /^overrides: *[^\s#]/.test(line)))
    throw new TypeError("pnpm-workspace.yaml has its overrides on one line. Write each on a line of its own");
  const at = before.findIndex((line) => line.startsWith("overrides:"));
  const indent = /^ +/.exec(before[at + 1] ?? "")?.[0] ?? "  ";
  const lines = Object.entries(places).map(([name, place]) => `${indent}"${name}": ${place}`);
  if (at >= 0) return before.toSpliced(at + 1, 0, ...lines).join("\n");
  return [...before.join("\n").trimEnd().split("\n"), "overrides:", ...lines, ""].join("\n").trimStart();
}

/** The packages that are meant: by their names or the ends of those; all of them, if none is named. Core comes along. */
export function named(asked: readonly string[], all: readonly Package[]): string[] {
  const names = all.map(({ manifest }) => manifest.name);
  if (asked.length === 0) return names;
  const core = all.find(({ folder }) => folder === "packages/core")?.manifest.name ?? "core";
  const found = [core, ...asked].map((each) => {
    const name = names.find((own) => own === each || own.split("/")[1] === each);
    if (!name) throw new TypeError(`There is no package ${each}. There are: ${names.join(", ")}`);
    return name;
  });
  const keychain = all.find(({ folder }) => folder === "packages/sources/keychain")?.manifest.name;
  const optional = found.filter((name) => {
    const manifest = all.find((each) => each.manifest.name === name)?.manifest;
    return keychain !== undefined && keychain in (manifest?.peerDependencies ?? {});
  });
  // npm takes an optional peer that two packages share, and that is nowhere, for a conflict.
  return [...new Set(optional.length > 1 && keychain !== undefined ? [...found, keychain] : found)];
}

const read = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, "utf8") : undefined;

/** Packs for an app, which is made if it is not there, and has it depend on these packages. */
async function packFor(app: string, asked: readonly string[]): Promise<void> {
  const names = named(asked, packages());
  const manifest = read(join(app, "package.json")) ?? '{ "private": true, "type": "module" }';
  const parsed = JSON.parse(manifest) as AppManifest;
  const yaml = read(join(app, "pnpm-workspace.yaml")) ?? "";
  withOverrides(yaml, {}); // before anything is written

  const places = await packInto(app);
  const written = withPackages(parsed, names, places);
  writeFileSync(join(app, "package.json"), `${JSON.stringify(written, undefined, 2)}\n`);
  writeFileSync(join(app, "pnpm-workspace.yaml"), withOverrides(yaml, written.overrides as Places));
  const all = globSync(`${vendor}/*.tgz`, { cwd: app }).length;
  console.log(`${all} packages are in ${join(app, vendor)}, and ${app} depends on ${names.join(", ")}.
Install them there with the one that you use:

  npm install
  pnpm install
  yarn install
  bun install`);
}

if (import.meta.main) {
  const [app, ...asked] = process.argv.slice(2);
  try {
    if (!app) throw new TypeError("Say where the app is: pnpm pack:all ~/my-app [package…]");
    await packFor(resolve(app), asked);
  } catch (error) {
    if (!(error instanceof CommandFailed || error instanceof TypeError || error instanceof SyntaxError))
      throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
