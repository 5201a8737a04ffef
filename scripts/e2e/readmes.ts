import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { marked, type Tokens } from "marked";
import { parseSync } from "oxc-parser";
import { type Package, root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { install } from "./install.ts";
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

/**
 * Installs all packages together, imports all that they offer, and checks the types of every program in their READMEs and
 * in ours. The programs run in the tests of the packages; here they meet the published declarations.
 */
export async function checkReadmes(
  folder: string,
  pkgs: readonly Package[],
  registry: Registry,
): Promise<string[]> {
  const names = pkgs.map(({ manifest }) => manifest.name);
  const sources = pkgs.map((pkg) => join(root, pkg.folder, "README.md")).filter(existsSync);
  const clients = sources.flatMap((page) => programsIn(readFileSync(page, "utf8")).flatMap(clientsOf));
  const { folder: app, names: installed } = await install(
    folder,
    [...names, ...new Set(clients)],
    registry.env,
  );
  const pages = [
    ...pkgs.map(
      ({ folder, manifest }) => [folder, join(app, "node_modules", manifest.name, "README.md")] as const,
    ),
    ["root", join(root, "README.md")] as const,
  ];
  const files: string[] = [];
  for (const [of, page] of pages) {
    if (!existsSync(page)) continue; // check-readmes complains
    for (const [i, program] of programsIn(readFileSync(page, "utf8")).entries()) {
      const file = `readme-${of.replaceAll("/", "-")}-${i + 1}.ts`;
      writeFileSync(join(app, file), `${program}\nexport {};\n`);
      files.push(file);
    }
  }
  const twice = names.filter((name) => installed.indexOf(name) !== installed.lastIndexOf(name));
  const problems = twice.map((name) => `${name} is installed twice`);
  writeFileSync(join(app, "everything.ts"), importEverything(pkgs.flatMap((pkg) => usableEntries(app, pkg))));
  try {
    await compile(app, [...files, "everything.ts"], ["nodenext"]);
    await run(process.execPath, [join("out", "everything.js")], { cwd: app });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    problems.push(error.message);
  }
  return problems;
}
