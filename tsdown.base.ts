import { readFileSync } from "node:fs";
import type { UserConfig } from "tsdown";

interface Manifest {
  engines: { node: string };
  exports: Record<string, string | { src: string }>;
  bin?: Record<string, string>;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

// The manifest says what a package offers; saying it again here would only invite the two to differ.
const entry = [
  ...Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? [] : target.src)),
  ...Object.values(manifest.bin ?? {}).map((file) => file.replace(/^dist\/(.+)\.mjs$/, "src/$1.ts")),
];

// No source maps: packages ship without sources (SEC-133), and the output keeps its names and comments.
const config: UserConfig = {
  entry,
  format: "esm",
  platform: "node",
  target: manifest.engines.node.replace(">=", "node"),
  tsconfig: "tsconfig.src.json",
  dts: { sourcemap: false },
  sourcemap: false,
  clean: true,
  publint: true,
  attw: { profile: "esm-only" },
};

export default config;
