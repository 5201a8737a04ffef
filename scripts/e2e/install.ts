import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../packages.ts";
import { run } from "../run.ts";

export interface Installed {
  folder: string;
  /** Everything in node_modules. */
  bytes: number;
  /** The names of all packages that are there, as often as they are there. */
  names: string[];
}

/** Installs packages as a stranger would: in an empty folder, with an empty HOME. */
export async function install(folder: string, names: string[], env: NodeJS.ProcessEnv): Promise<Installed> {
  const home = join(folder, "home");
  const app = join(folder, "app");
  for (const each of [home, app]) mkdirSync(each, { recursive: true });
  writeFileSync(join(app, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run("npm", ["install", "--ignore-scripts", ...names], { cwd: app, env: { ...env, HOME: home } });
  const lock = JSON.parse(readFileSync(join(app, "package-lock.json"), "utf8")) as { packages: object };
  return {
    folder: app,
    bytes: filesIn(join(app, "node_modules")).reduce((sum, file) => sum + statSync(file).size, 0),
    // The lockfile also names what is for other systems.
    names: Object.keys(lock.packages)
      .filter((path) => existsSync(join(app, path)))
      .flatMap((path) => /.*node_modules\/(.+)/.exec(path)?.[1] ?? []),
  };
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** What is wrong with a package as it was installed. */
export function flaws(app: string, name: string): string[] {
  const folder = join(app, "node_modules", name);
  const files = filesIn(folder).map((file) => file.slice(folder.length + 1).replaceAll("\\", "/"));
  const belongs = /^(package\.json|README\.md|LICENSE|dist\/.+\.(mjs|d\.mts|json))$/;
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  return [
    ...files.filter((file) => !belongs.test(file)).map((file) => `holds ${file}`),
    ...["README.md", "LICENSE"].filter((file) => !files.includes(file)).map((file) => `lacks ${file}`),
    ...targets
      .filter((target) => !files.includes(target.replace(/^\.\//, "")))
      .map((target) => `exports ${target}, which is not there`),
  ].map((flaw) => `${name} ${flaw}`);
}
