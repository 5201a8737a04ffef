import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run.ts";
import type { Registry } from "./registry.ts";

/** The versions that the public registry has under the name of our core. */
const versions = ["0.1.4", "0.41.3"];

/** Publishes foreign packages under the name of core. They say so when they are loaded, and bring along a package that we do not have. */
export async function layBait(folder: string, core: string, registry: Registry): Promise<void> {
  const along = core.replace(/core$/, "bait");
  const publish = async (name: string, version: string, dependencies: object): Promise<void> => {
    const at = join(folder, `${name.replace("/", "-")}-${version}`);
    mkdirSync(at, { recursive: true });
    const manifest = { name, version, type: "module", exports: { ".": "./index.js" }, dependencies };
    writeFileSync(join(at, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(at, "index.js"), 'console.log("bait");');
    await run("npm", ["publish", "--access", "public"], { cwd: at, env: registry.env });
  };
  await publish(along, "1.0.0", {});
  for (const version of versions) await publish(core, version, { [along]: "1.0.0" });
}

const lockfiles = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/** Whether a foreign package is in the app: in what is installed, or in what will be by its lockfile. */
export function holdsBait(app: string): boolean {
  const locked = lockfiles.map((file) => join(app, file)).filter(existsSync);
  return (
    locked.some((file) => /@[\w.-]+\/bait\b/.test(readFileSync(file, "utf8"))) ||
    readdirSync(app, { recursive: true }).some((path) => /[\\/]bait[\\/]package\.json$/.test(String(path)))
  );
}
