import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rescope, rescopeText, scopeOf } from "../rescope.ts";
import { run } from "../run.ts";

// Written in two parts, so that renaming the scope of this repository leaves these tests alone.
const [one, two, three] = ["one", "two.x", "three"].map((name) => `@${name}`) as [string, string, string];

test.each([
  ["an import", `import "${one}/core/resolver";`, `import "${two}/core/resolver";`],
  ["a path", `node_modules/${one}/core`, `node_modules/${two}/core`],
  ["a pattern", `'${one}/*'`, `'${two}/*'`],
  [
    "a package called by its name",
    `npm install ${one}/core ${one}/env`,
    `npm install ${two}/core ${two}/env`,
  ],
])("the scope is renamed in %s", (_, before, after) => {
  expect(rescopeText(before, one, two)).toBe(after);
  expect(rescopeText(after, two, one)).toBe(before);
});

test.each([
  ["prose about a scope", `the ${one} scope`],
  ["an address", `someone${one}/x`],
  ["a longer scope", `${one}-more/core`],
  ["what a dot would match", "@twoxx/core"],
])("%s stays", (_, text) => {
  expect(rescopeText(text, one, three)).toBe(text);
  expect(rescopeText(text, two, three)).toBe(text);
});

let folder: string;
const write = (file: string, text: string | Uint8Array): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rescope-"));
  await run("git", ["init", "--quiet"], { cwd: folder });
  write("packages/core/package.json", JSON.stringify({ name: `${one}/core` }));
  write("docs/a b.md", `see ${one}/core`);
  write("image.png", Buffer.concat([Buffer.from([0, 255]), Buffer.from(`${one}/core`)]));
  write(".gitignore", "ignored");
  write("ignored/index.js", `${one}/core`);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("every text that git knows or would add is renamed, any number of times", async () => {
  const changed = ["docs/a b.md", "packages/core/package.json"];
  expect((await rescope(folder, two)).toSorted()).toEqual(changed);
  expect(scopeOf(folder)).toBe(two);
  expect((await rescope(folder, three)).toSorted()).toEqual(changed);
  expect(readFileSync(join(folder, "docs/a b.md"), "utf8")).toBe(`see ${three}/core`);
  expect(await rescope(folder, three)).toEqual([]);
  for (const file of ["image.png", "ignored/index.js"])
    expect(readFileSync(join(folder, file), "latin1")).toContain(`${one}/core`);
});

test.each(["", "acme", "@", "@Acme", "@a/b", "@a cme"])(
  '"%s" is no scope, and nothing is renamed',
  async (to) => {
    await expect(rescope(folder, to)).rejects.toThrow(TypeError);
    expect(scopeOf(folder)).toBe(one);
  },
);
