import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Manifest, type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";

export interface Outcome {
  runtime: string;
  /** The steps that held; absent where the runtime cannot be had. */
  steps?: string[];
  problem?: string;
}

/** What test-apps/runtimes brings, each where it was installed; absent where it could not be. */
export interface Tools {
  readonly folder: string;
  readonly bun: string | undefined;
  readonly deno: string | undefined;
  readonly workerd: string | undefined;
  readonly esbuild: string | undefined;
  /** Why something is absent. */
  readonly trouble: string;
}

const installed = new Map<string, Promise<Tools>>();

/** Installs them in `folder`, once. */
export function installTools(folder: string): Promise<Tools> {
  const tools = installed.get(folder) ?? install(folder);
  installed.set(folder, tools);
  return tools;
}

async function install(folder: string): Promise<Tools> {
  mkdirSync(folder, { recursive: true });
  for (const file of globSync(join(root, "test-apps/runtimes/*.{ts,json}")))
    copyFileSync(file, join(folder, basename(file)));
  let trouble = "";
  try {
    await run("npm", ["install", "--ignore-scripts"], { cwd: folder });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    trouble = error.message;
  }
  const program = (pattern: string): string | undefined => globSync(join(folder, "node_modules", pattern))[0];
  return {
    folder,
    bun: program("@oven/bun-*/bin/bun*"),
    deno: program("@deno/*/deno*"),
    workerd: program("@cloudflare/workerd-*/bin/workerd*"),
    esbuild: program("@esbuild/*/{bin/esbuild,esbuild.exe}"),
    trouble,
  };
}

/** Under Deno: nothing is fetched, and packages are where npm has put them. */
export const denoFlags = ["--no-remote", "--node-modules-dir=manual"] as const;

/** Runs test-apps/runtimes under every runtime of its package.json and this Node, against core as `app` got it installed. */
export async function runtimes(folder: string, core: Package, app: string): Promise<Outcome[]> {
  const { bun, deno, workerd, trouble } = await installTools(folder);
  const { name } = core.manifest;
  cpSync(join(app, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
  await compile(folder);
  writeFileSync(join(folder, "workerd.capnp"), workerdConfig(modulesOf(folder, name)));

  const commands: Record<string, [path: string | undefined, ...args: string[]]> = {
    node: [process.execPath, "out/main.js"],
    bun: [bun, "out/main.js"],
    deno: [deno, "run", ...denoFlags, "out/main.js"],
    workerd: [workerd, "test", "workerd.capnp"],
  };
  const outcomes: Outcome[] = [];
  for (const [runtime, [path, ...args]] of Object.entries(commands)) {
    if (!path) {
      outcomes.push({ runtime, problem: `${runtime} could not be installed here. ${trouble}`.trim() });
      continue;
    }
    try {
      const env = { PATH: process.env["PATH"], HOME: folder };
      const output = await run(path, args, { cwd: folder, env, timeoutMs: 60_000 });
      outcomes.push({ runtime, steps: output.trim().split("\n") });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      outcomes.push({ runtime, steps: [], problem: `${runtime}: ${error.message}` });
    }
  }
  return outcomes;
}

/** Only what all of them have in common: the language, and the web's API. */
async function compile(folder: string): Promise<void> {
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2023",
    lib: ["es2024", "esnext.disposable", "webworker"],
    types: [],
    rewriteRelativeImportExtensions: true,
    outDir: "out",
    rootDir: ".",
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  await run(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"], { cwd: folder });
}

/** workerd knows no node_modules: each file is listed, under the name by which it is imported. */
function modulesOf(folder: string, name: string): string[] {
  const { exports } = JSON.parse(
    readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"),
  ) as Manifest;
  const files = globSync("*.js", { cwd: join(folder, "out") }).map((file) => [file, `out/${file}`]);
  const dist = globSync("dist/**/*.mjs", { cwd: join(folder, "node_modules", name) });
  const modules = [
    ["worker.js", "out/worker.js"],
    ...files.filter(([file]) => file !== "worker.js" && file !== "main.js"),
    ...dist.map((file) => [`${name}/${file}`, `node_modules/${name}/${file}`]),
  ].map(([as, file]) => `(name = "${as}", esModule = embed "${file}")`);
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === "string" || !target["default"]) continue;
    const file = `/${name}${target["default"].slice(1)}`;
    modules.push(`(name = "${name}${path.slice(1)}", esModule = "export * from \\"${file}\\";")`);
  }
  return modules;
}

/** A worker without a network and without any module of Node's. The first of its modules is the one that is called. */
export function workerdConfig(modules: readonly string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "smoke", worker = .smoke)]);
const smoke :Workerd.Worker = (
  modules = [
    ${modules.join(",\n    ")}
  ],
  compatibilityDate = "2026-01-01",
);
`;
}
