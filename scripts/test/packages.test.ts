import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Manifest, packages, root } from "../packages.ts";
import { scopeOf } from "../rescope.ts";
import { foreign } from "../versions.ts";

const scope = scopeOf(root);
const oldestNode = "22.13";

const lifecycle = [
  "preinstall",
  "install",
  "postinstall",
  "prepare",
  "prepublish",
  "preprepare",
  "postprepare",
];

describe.each(packages())("$manifest.name", ({ manifest }) => {
  test("what is published is what is in the repository, without the way to the sources", () => {
    const published = Object.entries(manifest.exports).flatMap(([path, target]) => {
      if (typeof target === "string") return [[path, target]];
      const { src, ...rest } = target;
      expect(src, `${path} has a source`).toMatch(/^\.\/src\/.+\.ts$/);
      expect(Object.keys(target)[0], "the first condition that matches wins").toBe("src");
      return [[path, rest]];
    });
    expect(manifest.exports).toHaveProperty(["./package.json"], "./package.json");
    expect(manifest.publishConfig?.exports).toEqual(Object.fromEntries(published));
  });

  test("SEC-133 holds dist, README and license only", () => {
    expect(manifest.files).toEqual(["dist"]);
    expect(manifest.license).toBe("MIT");
  });

  test("SEC-130 runs nothing when installed", () => {
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => lifecycle.includes(name))).toEqual([]);
  });

  test("supports the one Node that all name and can be tree-shaken", () => {
    expect(manifest.engines?.node).toBe(`>=${oldestNode}`);
    expect(manifest.sideEffects).toBe(false);
  });

  test("SEC-137 nothing foreign of the same name can satisfy what it asks for", () => {
    expect(foreign({ ...manifest }, scope)).toEqual([]);
  });
});

test("SEC-137 a version below ours, or a range that one satisfies, is seen", () => {
  const fine = {
    name: "@a/b",
    version: "100.2.0",
    exports: {},
    dependencies: { "@a/c": "workspace:^", d: "^1.0.0" },
  };
  expect(foreign(fine, "@a")).toEqual([]);
  const problems = (change: Partial<Manifest>): string[] => foreign({ ...fine, ...change }, "@a");
  for (const version of ["0.1.0", "1.0.0", "99.9.9"])
    expect(problems({ version })).toEqual([`@a/b is ${version}`]);
  for (const range of ["^0.1.0", "*", ">=100.0.0", "^99.0.0", "workspace:*", "latest", ""])
    for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"] as const)
      expect(problems({ [kind]: { "@a/c": range } })).toEqual([`@a/b asks for @a/c ${range}`]);
});

test("every page names the Node that the manifests name", () => {
  const pages = globSync(["*.md", "docs/**/*.md", "packages/**/README.md", "templates/**/*.md"], {
    cwd: root,
    exclude: ["**/node_modules"],
  });
  const named = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\bNode(?:\.js)? (?:>= ?)?(22[.\d]*\d)/g)].map(
      ([, version]) => `${page}: ${version}`,
    ),
  );
  expect(named).toContain(`README.md: ${oldestNode}`);
  expect(named.filter((each) => !each.endsWith(`: ${oldestNode}`))).toEqual([]);
});
