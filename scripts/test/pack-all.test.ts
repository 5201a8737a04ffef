import { expect, test } from "vitest";
import { named, withOverrides, withPackages } from "../pack-all.ts";
import { type Package, packages } from "../packages.ts";

const places = {
  "@a/core": "file:vendor/a-core-100.0.0-12345678.tgz",
  "@a/env": "file:vendor/a-env-100.0.0-12345678.tgz",
};
const all = [
  { folder: "packages/core", manifest: { name: "@a/core" } },
  { folder: "packages/env", manifest: { name: "@a/env", dependencies: { "@a/core": "*" } } },
] as unknown as Package[];
const older = { "@a/core": "file:vendor/a-core-100.0.0-00000000.tgz" };

test("SEC-137 whatever asks for a package of ours in an app gets it from its place", () => {
  const manifest = { name: "app", dependencies: { b: "1.0.0" }, overrides: { c: "1.0.0" } };
  expect(withPackages(manifest, ["@a/env"], places, all)).toEqual({
    name: "app",
    dependencies: { "@a/env": places["@a/env"], b: "1.0.0" },
    overrides: { c: "1.0.0", ...places },
    resolutions: places,
  });
  // What nobody asks for gets no place: npm takes that of an optional peer for a conflict.
  expect(withPackages({}, ["@a/core"], places, all).overrides).toEqual({ "@a/core": places["@a/core"] });
});

test("packed again, what the app has of ours moves to its new place, where it was", () => {
  const before = withPackages(
    { devDependencies: { "@a/env": "file:vendor/old.tgz" } },
    ["@a/core"],
    older,
    all,
  );
  expect(withPackages(before, [], places, all)).toEqual({
    dependencies: { "@a/core": places["@a/core"] },
    devDependencies: { "@a/env": places["@a/env"] },
    overrides: places,
    resolutions: places,
  });
  expect(withPackages({ devDependencies: { "@a/env": "1" } }, ["@a/env"], places, all).dependencies).toEqual(
    {},
  );
});

const lines = `"@a/core": ${places["@a/core"]}\n  "@a/env": ${places["@a/env"]}`;
test.each([
  ["none", "", `overrides:\n  ${lines}\n`],
  ["one without overrides", "packages:\n  - a\n", `packages:\n  - a\noverrides:\n  ${lines}\n`],
  ["one with some", "overrides:\n  b: 1.0.0\na: 1\n", `overrides:\n  ${lines}\n  b: 1.0.0\na: 1\n`],
  [
    "one with ours of before",
    withOverrides("overrides:\n  b: 1.0.0\n", older),
    `overrides:\n  ${lines}\n  b: 1.0.0\n`,
  ],
  [
    "one that is indented by four",
    "overrides:\n    b: 1\n",
    `${`overrides:\n  ${lines}\n`.replaceAll("  ", "    ")}    b: 1\n`,
  ],
])("pnpm-workspace.yaml, %s: pnpm is told the places", (_, before, after) => {
  expect(withOverrides(before, places)).toBe(after);
  expect(withOverrides(after, places)).toBe(after);
});

test("overrides on one line are not touched", () => {
  expect(() => withOverrides("overrides: { a: 1 }\n", places)).toThrow(TypeError);
});

test("packages go by their names or the ends of those; core comes along", () => {
  expect(named(["env"], all)).toEqual(["@a/core", "@a/env"]);
  expect(named(["@a/env", "core"], all)).toEqual(["@a/core", "@a/env"]);
  expect(named([], all)).toEqual(["@a/core", "@a/env"]);
  expect(named([], packages())).toHaveLength(packages().length);
  const some = named(["cli", "jamf-pro"], packages()).map((name) => name.split("/")[1]);
  expect(some).toEqual(["core", "cli", "jamf-pro", "keychain"]); // a peer that both may have
  expect(() => named(["nev"], all)).toThrow("There is no package nev. There are: @a/core, @a/env");
});
