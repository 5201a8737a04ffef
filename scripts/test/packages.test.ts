import { describe, expect, test } from "vitest";
import { packages } from "../packages.ts";

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

  test("supports the oldest maintained Node and can be tree-shaken", () => {
    expect(manifest.engines?.node).toMatch(/^>=22\.\d+$/);
    expect(manifest.sideEffects).toBe(false);
  });
});
