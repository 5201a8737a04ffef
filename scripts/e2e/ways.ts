import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { marked, type Tokens } from "marked";
import { packAll } from "../pack-all.ts";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { table } from "../table.ts";
import { holdsBait, layBait } from "./bait.ts";
import { type Manager, managers } from "./managers.ts";
import type { Part } from "./part.ts";
import { startRegistry } from "./registry.ts";

/** What came of an attempt. "refused": the package manager said that there is no such version. */
type Outcome = "ours" | "refused" | "BAIT" | "failed";

/** The commands of the section "Getting them": the first packs; of the others, each is for one package manager. */
export function gettingThem(page: string): string[] {
  const tokens = marked.lexer(page);
  const start = tokens.findIndex((token) => token.type === "heading" && token["text"] === "Getting them");
  const end = tokens.findIndex((token, i) => i > start && token.type === "heading");
  return tokens
    .slice(start, end)
    .filter((token): token is Tokens.Code => token.type === "code" && token["lang"] === "sh")
    .map(({ text }) => text);
}

/** Loads every package of ours that the app depends on, and says what it is. */
const program = `import { readFileSync } from "node:fs";
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
for (const name of Object.keys(dependencies)) await import(name);
const { createAuth } = await import(process.argv[2]);
console.log(typeof createAuth);
`;

const notThere = /no matching|no candidates|couldn't find any versions|No version matching/i;

/** Tries every way of installing our packages where a registry has foreign ones of the same name. */
export async function everyWay(folder: string, core: Package): Promise<Part> {
  const scope = core.manifest.name.split("/")[0] as string;
  mkdirSync(join(folder, "tarballs"), { recursive: true });
  await packAll(join(folder, "tarballs"));
  const all = globSync("*.tgz", { cwd: join(folder, "tarballs") }).map((file) =>
    join(folder, "tarballs", file),
  );
  const of = (name: string): string =>
    all.find((file) => new RegExp(`/${scope.slice(1)}-${name}-\\d`).test(file)) ?? `no tarball of ${name}`;
  await using registry = await startRegistry(folder, scope);
  await layBait(join(folder, "bait"), core.manifest.name, registry);
  const each = await managers(join(folder, "managers"));

  const environment = (manager: Manager, home: string): NodeJS.ProcessEnv => ({
    ...withoutOthers(registry.env),
    PATH: manager.path,
    HOME: home,
    YARN_REGISTRY: registry.env["npm_config_registry"],
    YARN_NPM_REGISTRY_SERVER: registry.env["npm_config_registry"],
    YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
    YARN_ENABLE_TELEMETRY: "0",
    YARN_NPM_MINIMAL_AGE_GATE: "0", // the bait is new
    BUN_CONFIG_REGISTRY: registry.env["npm_config_registry"],
  });

  /** Runs in an app of its own what a person would type there. */
  const attempt = async (
    manager: Manager,
    app: string,
    command: readonly string[],
  ): Promise<[Outcome, (string | undefined)?]> => {
    const env = environment(manager, join(app, ".."));
    const [name, ...args] = command as [string, ...string[]];
    let refusal: string | undefined;
    try {
      await run(name, args, { cwd: app, env, timeoutMs: 300_000 });
      writeFileSync(join(app, "program.mjs"), program);
      const [node, ...before] = manager.node;
      const said = await run(node, [...before, "program.mjs", core.manifest.name], { cwd: app, env });
      if (!said.includes("function")) return [holdsBait(app) ? "BAIT" : "failed", said];
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      refusal = error.output;
    }
    if (holdsBait(app)) return ["BAIT", refusal];
    if (refusal === undefined) return ["ours"];
    return [notThere.test(refusal) ? "refused" : "failed", refusal];
  };
  const emptyApp = (manager: Manager, way: string): string => {
    const app = join(folder, "apps", `${manager.name} ${way}`.replaceAll(/\W+/g, "-"), "app");
    mkdirSync(app, { recursive: true });
    writeFileSync(join(app, "package.json"), '{ "name": "app", "private": true, "type": "module" }');
    writeFileSync(join(app, "yarn.lock"), ""); // its own project, wherever it is
    return app;
  };

  // The first command as it is printed, once; it would be the same for all.
  const [pack = "", ...installs] = gettingThem(readFileSync(join(root, "README.md"), "utf8"));
  const home = join(folder, "readme");
  mkdirSync(home);
  await run("sh", ["-ec", pack], { env: { ...registry.env, HOME: home }, timeoutMs: 600_000 });

  const adding: [way: string, expected: readonly Outcome[], packages: readonly string[]][] = [
    ["one tarball", ["refused"], [of("env")]],
    ["several", ["ours", "refused"], [of("core"), of("env"), of("fetch")]],
    ["all", ["ours", "refused"], all],
    ["by name and major", ["refused"], [`${core.manifest.name}@100`]],
    ["by name alone", ["BAIT"], [core.manifest.name]],
  ];
  const titles = [...adding.map(([way]) => way), "as the README says"];
  const problems: string[] = [];
  const rows: string[][] = [];
  let brought = 0;
  let ways = 0;
  for (const manager of each) {
    const row = [manager.name];
    const note = (
      way: string,
      [outcome, said]: [Outcome, (string | undefined)?],
      expected: readonly Outcome[],
    ): void => {
      row.push(outcome);
      if (!expected.includes("BAIT")) ways++;
      if (outcome === "BAIT" && !expected.includes("BAIT")) brought++;
      if (!expected.includes(outcome))
        problems.push(`${manager.name}, ${way}: ${outcome}, not ${expected.join(" or ")}\n${said ?? ""}`);
    };
    for (const [way, expected, names] of adding) {
      const command = [...manager.add, ...names];
      note(way, await attempt(manager, emptyApp(manager, way), command), expected);
    }
    const typed = installs.find((line) => line.split(" ")[0] === manager.add[0]);
    const app = emptyApp(manager, "readme");
    cpSync(join(home, "my-app"), app, { recursive: true });
    note("as the README says", await attempt(manager, app, typed?.split(" ") ?? ["false"]), ["ours"]);
    rows.push(row);
  }
  const report = `${table(["", ...titles], rows)}\n${brought} of ${ways} ways bring the bait in`;
  return { report, problems };
}

/** Without what would have package managers share something with the user, or be strict as in CI. */
const withoutOthers = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:yarn_|bun_|xdg_)|^ci$/i.test(name)));
