import { globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** All packages that these bring along, each once, by their folders. */
function closure(...names: string[]): Set<string> {
  const folders = new Set<string>();
  const add = (name: string, from: string): void => {
    const folder = createRequire(join(from, "package.json"))
      .resolve.paths(name)
      ?.map((path) => join(path, name))
      .find((path) => statSync(path, { throwIfNoEntry: false }));
    if (!folder || folders.has(realpathSync(folder))) return;
    const real = realpathSync(folder);
    folders.add(real);
    const { dependencies = {} } = JSON.parse(readFileSync(join(real, "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(dependencies)) add(dependency, real);
  };
  for (const name of names) add(name, dirname(fileURLToPath(import.meta.url)));
  return folders;
}

const megabytes = (folders: Iterable<string>): number =>
  [...folders]
    .flatMap((folder) =>
      globSync("**", { cwd: folder, exclude: (name) => name === "node_modules" }).map((file) =>
        statSync(join(folder, file)),
      ),
    )
    .reduce((sum, stats) => sum + (stats.isFile() ? Math.ceil(stats.size / 4_096) * 4_096 : 0), 0) /
  2 ** 20;

test("the README says what is installed", () => {
  const own = closure("@azure/keyvault-secrets");
  const more = [...closure("@azure/keyvault-secrets", "@azure/identity")].filter(
    (folder) => !own.has(folder),
  );
  const [, packages, size] = /comes along: (\d+) packages, (\d+) MB/.exec(page) ?? [];
  const [, morePackages, moreSize] = /adds (\d+) packages and (\d+) MB/.exec(page) ?? [];
  expect([own.size, more.length]).toEqual([Number(packages), Number(morePackages)]);
  expect(Math.abs(megabytes(own) - Number(size))).toBeLessThan(3);
  expect(Math.abs(megabytes(more) - Number(moreSize))).toBeLessThan(5);
});
