import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";
import { type Package, root } from "./packages.ts";

/** The sources of a package's entries: "@auth/core/resolver" → "/…/packages/core/src/resolver.ts". */
export function entriesOf({ folder, manifest }: Package, from: string = root): Map<string, string> {
  const entries = Object.entries(manifest.exports).flatMap(([path, target]): [string, string][] =>
    typeof target === "string" || !target["src"]?.endsWith(".ts")
      ? []
      : [[manifest.name + path.slice(1), join(from, folder, target["src"])]],
  );
  return new Map(entries);
}

/** What a module exports, in order of the alphabet; types begin with "type ". */
export function exportsOf(file: string): string[] {
  const names = new Set<string>();
  for (const { entries } of parseSync(file, readFileSync(file, "utf8")).module.staticExports) {
    for (const { importName, exportName, moduleRequest, isType } of entries) {
      const prefix = isType ? "type " : "";
      if (exportName.name) names.add(prefix + exportName.name);
      else if (exportName.kind === "Default") names.add("default");
      else if (importName.kind !== "AllButDefault" || !moduleRequest) continue;
      else if (!moduleRequest.value.startsWith(".")) names.add(`${prefix}* from ${moduleRequest.value}`);
      else
        for (const name of exportsOf(join(dirname(file), moduleRequest.value)))
          if (name !== "default") names.add(name);
    }
  }
  const bare = (name: string): string => name.replace(/^type /, "");
  return [...names].sort((a, b) => (bare(a) < bare(b) ? -1 : 1));
}
