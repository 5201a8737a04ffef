import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Manifest {
  name: string;
  version: string;
  license?: string;
  sideEffects?: boolean;
  engines?: { node?: string };
  files?: string[];
  scripts?: Record<string, string>;
  bin?: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
  publishConfig?: { exports?: Manifest["exports"] };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  optionalDependencies?: Record<string, string>;
}

export interface Package {
  /** From the repository's root, with forward slashes: "packages/sources/env". */
  folder: string;
  manifest: Manifest;
}

/** The repository's root. */
export const root: string = dirname(import.meta.dirname);

/** Every package of the workspace, at both depths. */
export function packages(from: string = root): Package[] {
  return globSync(["packages/*/package.json", "packages/*/*/package.json"], { cwd: from })
    .map((file) => ({
      folder: dirname(file).replaceAll("\\", "/"),
      manifest: JSON.parse(readFileSync(join(from, file), "utf8")) as Manifest,
    }))
    .sort((a, b) => a.folder.localeCompare(b.folder));
}
