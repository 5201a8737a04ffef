import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { marked, type Tokens } from "marked";
import { parseSync } from "oxc-parser";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { type Installed, install } from "./install.ts";
import type { Part } from "./part.ts";
import { compile, importEverything, usableEntries } from "./program.ts";
import type { Registry } from "./registry.ts";

/** The TypeScript programs of a page. */
export function programsIn(page: string): string[] {
  const code = marked.lexer(page).filter((token): token is Tokens.Code => token.type === "code");
  return code.filter(({ lang }) => lang === "ts").map(({ text }) => text);
}

/** What a program brings to our packages by itself, such as the client of a database. */
function clientsOf(program: string): string[] {
  const { staticImports } = parseSync("readme.ts", program).module;
  const modules = staticImports.map(({ moduleRequest }) => moduleRequest.value);
  return modules.filter((name) => !/^(?:node:|\.)/.test(name) && !name.startsWith("@auth/"));
}

/** Installs all packages together, and what the programs of their READMEs need beside them. */
export function installTogether(
  folder: string,
  pkgs: readonly Package[],
  registry: Registry,
): Promise<Installed> {
  const sources = pkgs.map((pkg) => join(root, pkg.folder, "README.md")).filter(existsSync);
  const clients = sources.flatMap((page) => programsIn(readFileSync(page, "utf8")).flatMap(clientsOf));
  const names = pkgs.map(({ manifest }) => manifest.name);
  return install(folder, [...names, ...new Set(clients)], registry.env);
}

/** Imports all that the packages offer, and checks the types of every program in their READMEs and in ours. */
export async function checkTogether(app: Installed, pkgs: readonly Package[]): Promise<Part> {
  const pages = [
    ...pkgs.map(
      ({ folder, manifest }) =>
        [folder, join(app.folder, "node_modules", manifest.name, "README.md")] as const,
    ),
    ["root", join(root, "README.md")] as const,
  ];
  const files: string[] = [];
  for (const [of, page] of pages) {
    if (!existsSync(page)) continue; // check-readmes complains
    for (const [i, program] of programsIn(readFileSync(page, "utf8")).entries()) {
      const file = `readme-${of.replaceAll("/", "-")}-${i + 1}.ts`;
      writeFileSync(join(app.folder, file), `${program}\nexport {};\n`);
      files.push(file);
    }
  }
  const names = pkgs.map(({ manifest }) => manifest.name);
  const twice = names.filter((name) => app.names.indexOf(name) !== app.names.lastIndexOf(name));
  const problems = twice.map((name) => `${name} is installed twice`);
  const everything = importEverything(pkgs.flatMap((pkg) => usableEntries(app.folder, pkg)));
  writeFileSync(join(app.folder, "everything.ts"), everything);
  try {
    await compile(app.folder, [...files, "everything.ts"], ["nodenext"]);
    await run(process.execPath, [join("out", "everything.js")], { cwd: app.folder });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    problems.push(error.message);
  }
  return { report: `${files.length} programs of READMEs fit the declarations`, problems };
}

/**
 * Node, for programs of an app: run in its folder, and stopped if they load a package from the repository. What a test
 * finds beside its own package by its source is the installed one, too.
 */
export function nodeOf(app: string, pkgs: readonly Package[]): string {
  const url = (...path: string[]): string => pathToFileURL(join(...path)).href;
  const sources = pkgs.map(({ folder, manifest }) => [url(root, folder, "src/index.ts"), manifest.name]);
  const hooks = join(app, "only-installed.mjs");
  writeFileSync(
    hooks,
    `import { registerHooks } from "node:module";
const ours = ${JSON.stringify(`${url(root, "packages")}/`)};
const names = new Map(${JSON.stringify(sources)});
registerHooks({
  resolve(specifier, context, next) {
    const name = names.get(specifier);
    return name ? next(name, { ...context, parentURL: import.meta.url }) : next(specifier, context);
  },
  load(url, context, next) {
    if (url.startsWith(ours) && /\\/(?:src|dist)\\//.test(url)) throw new Error(url + " is not what was installed");
    return next(url, context);
  },
});
`,
  );
  const program = join(app, "node-of-the-app");
  const args = `--import="${url(hooks)}" "$@"`;
  writeFileSync(program, `#!/bin/sh\ncd "${app}" && exec "${process.execPath}" ${args}\n`);
  chmodSync(program, 0o755);
  return program;
}

interface Report {
  numPassedTests: number;
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** Runs the programs of all READMEs by the tests of the packages, with what is installed in the app instead of the sources. */
export async function runReadmes(app: string, pkgs: readonly Package[]): Promise<Part> {
  const file = join(app, "readmes.json");
  const args = [
    "run",
    "test/readme.test.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ];
  // The commands of the command's page are run by command.ts.
  const only = ["--testNamePattern", "^(?!.*README's commands)"];
  const problems: string[] = [];
  try {
    await run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args, ...only], {
      env: { ...process.env, AUTH_EXAMPLES_NODE: nodeOf(app, pkgs), AUTH_TEST_REPORT: "" },
      timeoutMs: 600_000,
    });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    problems.push(error.message);
  }
  if (!existsSync(file)) return { problems: [...problems, "no README was run"] };
  const { numPassedTests, testResults } = JSON.parse(readFileSync(file, "utf8")) as Report;
  if (numPassedTests < testResults.length)
    problems.push(`of the READMEs only ${numPassedTests} tests passed`);
  return {
    report: `${numPassedTests} tests of ${testResults.length} READMEs passed with what is installed`,
    problems,
  };
}
