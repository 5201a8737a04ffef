import { chmodSync, copyFileSync, globSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../packages.ts";
import { run } from "../run.ts";

export interface Manager {
  name: string;
  /** What it is called on the command line, and how it is asked to add packages. */
  add: readonly [command: string, ...args: string[]];
  /** The folders in which its program, and Node's, are found. */
  path: string;
  /** What runs a program of the app. */
  node: readonly [command: string, ...args: string[]];
}

/** npm as it is here, and the package managers of test-apps/managers. */
export async function managers(folder: string): Promise<Manager[]> {
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"])
    copyFileSync(join(root, "test-apps/managers", file), join(folder, file));
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });

  /** Each in a folder of its own: both yarns are called that. */
  const own = (name: string, command: string, pattern: string): string => {
    const program = globSync(pattern, { cwd: join(folder, "node_modules") })[0];
    if (!program) throw new Error(`${name} could not be installed here`);
    const bin = join(folder, name.replace(" ", "-"));
    mkdirSync(bin);
    const target = join(folder, "node_modules", program);
    chmodSync(target, 0o755);
    symlinkSync(target, join(bin, command));
    return `${bin}:${dirname(process.execPath)}:${process.env["PATH"]}`;
  };
  const node = ["node"] as const;
  return [
    { name: "npm", add: ["npm", "install"], path: `${process.env["PATH"]}`, node },
    { name: "pnpm", add: ["pnpm", "add"], path: own("pnpm", "pnpm", "pnpm/bin/pnpm.*js"), node },
    { name: "yarn 1", add: ["yarn", "add"], path: own("yarn 1", "yarn", "yarn/bin/yarn.js"), node },
    {
      name: "yarn 4",
      add: ["yarn", "add"],
      path: own("yarn 4", "yarn", "@yarnpkg/cli-dist/bin/yarn.js"),
      node: ["yarn", "node"], // it may keep packages where only it finds them
    },
    { name: "bun", add: ["bun", "add"], path: own("bun", "bun", "@oven/bun-*/bin/bun*"), node },
  ];
}
