// What importing core adds to an empty script: whole processes in pairs, one after the other, compared by their medians.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./packages.ts";

const limitMs = 3;
const pairs = 15;
/** A busy machine makes a run slower and never faster, so one good round of these is enough. */
const rounds = 12;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
};

export interface Round {
  emptyMs: number;
  importMs: number;
  /** Median of the differences within the pairs. */
  addedMs: number;
}

/** Measures in pairs, so that what slows the machine for a while slows both. */
export function measure(empty: () => number, withImport: () => number): Round {
  const runs = Array.from({ length: pairs }, (_, i): [number, number] => {
    if (i % 2 === 0) return [empty(), withImport()];
    const second = withImport();
    return [empty(), second];
  });
  return {
    emptyMs: median(runs.map(([ms]) => ms)),
    importMs: median(runs.map(([, ms]) => ms)),
    addedMs: median(runs.map(([before, after]) => after - before)),
  };
}

function timed(script: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [script], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}\n${stderr}`);
  return performance.now() - started;
}

if (import.meta.main) {
  const core = join(root, "packages/core/dist/index.mjs");
  if (!existsSync(core)) throw new Error("packages/core is not built; run: pnpm build");
  const folder = mkdtempSync(join(tmpdir(), "import-cost-"));
  try {
    const [empty, full] = ["empty.mjs", "full.mjs"].map((name) => join(folder, name)) as [string, string];
    writeFileSync(empty, "");
    writeFileSync(full, `import ${JSON.stringify(pathToFileURL(core).href)};`);
    for (const script of [empty, full]) timed(script); // the first run reads the disk
    let best: Round | undefined;
    for (let round = 0; round < rounds && (best?.addedMs ?? Infinity) > limitMs; round++) {
      const now = measure(
        () => timed(empty),
        () => timed(full),
      );
      if (!best || now.addedMs < best.addedMs) best = now;
    }
    const { emptyMs, importMs, addedMs } = best as Round;
    const ratio = (importMs / emptyMs).toFixed(2);
    console.log(
      `an empty script ${emptyMs.toFixed(1)} ms, with core ${importMs.toFixed(1)} ms: ${addedMs.toFixed(1)} ms more (limit ${limitMs}), ${ratio}×`,
    );
    process.exitCode = addedMs > limitMs ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
