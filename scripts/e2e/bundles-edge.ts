import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { table } from "../table.ts";
import { claimIn } from "./claims.ts";
import type { Part } from "./part.ts";
import { installTools, workerdConfig } from "./runtimes.ts";

type Platform = "browser" | "neutral";

/** Bundles for a runtime without any module of Node's; resolves to what is left that would have to be there. */
export async function bundleForEdge(
  input: string,
  file: string,
  platform: Platform,
  conditionNames?: string[],
): Promise<string[]> {
  const output = { file, format: "esm", codeSplitting: false } as const;
  const resolve = { ...(conditionNames && { conditionNames }) };
  const { output: chunks } = await build({ input, platform, resolve, output, logLevel: "silent" });
  const needed = chunks.flatMap((chunk) =>
    chunk.type === "chunk" ? [...chunk.imports, ...chunk.dynamicImports] : [],
  );
  return needed.filter((name) => chunks.every(({ fileName }) => fileName !== name));
}

/**
 * Bundles test-apps/edge for browsers and for nobody in particular, from packages as they were installed in the folder of an
 * app, and calls it in a workers runtime. A package whose README claims workers has to be tried there.
 */
export async function proveEdge(
  folder: string,
  tools: string,
  app: string,
  all: readonly Package[],
): Promise<Part> {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, "test-apps/edge"), join(app, "edge"), { recursive: true });
  const { esbuild, workerd } = await installTools(tools);
  const entry = join(app, "edge/worker.ts");
  const used = readFileSync(entry, "utf8");
  const names = all.filter((pkg) => claimIn(app, pkg)?.workers).map(({ manifest }) => manifest.name);
  const problems = names
    .filter((name) => !used.includes(`"${name}"`))
    .map((name) => `${name}: its README claims workers, and test-apps/edge does not use it`);

  const bundlers: Record<string, ((file: string, platform: Platform) => Promise<string[]>) | undefined> = {
    rolldown: (file, platform) => bundleForEdge(entry, file, platform),
    // It fails if there is anything that it does not find.
    esbuild: esbuild
      ? async (file, platform) => {
          const flags = ["--bundle", "--format=esm", `--outfile=${file}`, "--log-level=error"];
          await run(esbuild, [entry, `--platform=${platform}`, ...flags], { cwd: app });
          return [];
        }
      : undefined,
  };
  const rows: string[][] = [];
  for (const [by, bundle] of Object.entries(bundlers))
    for (const platform of ["browser", "neutral"] as const) {
      const what = `for the edge by ${by}, platform ${platform}`;
      if (!bundle || !workerd) {
        rows.push([what, "SKIPPED"]);
        if (process.env["AUTH_IT"] === "require") problems.push(`${what}: the tools cannot be had here`);
        continue;
      }
      try {
        const name = `${by}-${platform}`;
        const left = await bundle(join(folder, `${name}.js`), platform);
        if (left.length > 0) problems.push(`${what}: it needs ${left.join(", ")}`);
        const modules = [`(name = "worker.js", esModule = embed "${name}.js")`];
        writeFileSync(join(folder, `${name}.capnp`), workerdConfig(modules));
        const env = { PATH: process.env["PATH"], HOME: folder };
        const steps = await run(workerd, ["test", `${name}.capnp`], { cwd: folder, env, timeoutMs: 60_000 });
        rows.push([what, `${steps.trim().split("\n").length}`]);
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        rows.push([what, "FAILED"]);
        problems.push(`${what}: ${error.message}`);
      }
    }
  return { report: table(["bundled", "steps in workerd"], rows), problems };
}
