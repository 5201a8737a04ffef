// What importing a package adds to an empty script, before it is used: whole processes in pairs, one after the other,
// compared by their medians.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packages, root } from "./packages.ts";
import { table } from "./table.ts";

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

interface Entry {
  name: string;
  file: string;
  limitMs: number;
}

/** What each may add, in ms: core by itself, and each package that has something large to load, with the core that it brings. */
const limits: Readonly<Record<string, number>> = {
  "packages/core": 3,
  "packages/grants/oauth": 15,
  "packages/sources/aws-secrets-manager": 15,
  "packages/sources/azure-key-vault": 15,
  "packages/sources/exec": 15,
  "packages/sources/keychain": 15,
};

/** Every way into them, as it is published; of core the main one. */
function entries(): Entry[] {
  return packages().flatMap(({ folder, manifest }) => {
    const limitMs = limits[folder];
    if (limitMs === undefined) return [];
    return Object.entries(manifest.exports).flatMap(([path, target]) => {
      if (typeof target === "string" || !target["default"]) return [];
      if (folder === "packages/core" && path !== ".") return [];
      const file = join(root, folder, target["default"]);
      if (!existsSync(file)) throw new Error(`${folder} is not built; run: pnpm build`);
      return [{ name: manifest.name + path.slice(1), file, limitMs }];
    });
  });
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

/** The best of some rounds: as soon as one is within the limit, it is good enough. */
function cost({ name, file, limitMs }: Entry, folder: string): Round {
  const [empty, full] = ["empty.mjs", "full.mjs"].map((script) => join(folder, script)) as [string, string];
  writeFileSync(empty, "");
  writeFileSync(full, `import ${JSON.stringify(pathToFileURL(file).href)};`);
  for (const script of [empty, full]) timed(script); // the first run reads the disk
  let best: Round | undefined;
  for (let round = 0; round < rounds && (best?.addedMs ?? Infinity) > limitMs; round++) {
    const now = measure(
      () => timed(empty),
      () => timed(full),
    );
    if (!best || now.addedMs < best.addedMs) best = now;
  }
  if (!best) throw new Error(`${name} was not measured`);
  return best;
}

if (import.meta.main) {
  const folder = mkdtempSync(join(tmpdir(), "import-cost-"));
  try {
    const costs = entries().map((entry) => ({ ...entry, ...cost(entry, folder) }));
    const ms = (value: number): string => `${value.toFixed(1)} ms`;
    const rows = costs.map(({ name, emptyMs, importMs, addedMs, limitMs }) => [
      addedMs > limitMs ? "OVER" : "ok",
      name,
      ms(addedMs),
      `${limitMs} ms`,
      ms(importMs),
      ms(emptyMs),
    ]);
    console.log(table(["", "import", "adds", "limit", "a script with it", "an empty one"], rows));
    process.exitCode = costs.some(({ addedMs, limitMs }) => addedMs > limitMs) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
