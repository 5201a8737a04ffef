// Which way imports flow: core ← sources, stores, grants, helpers, clients ← services ← cli; testkit for tests only.
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { type Package, packages, root } from "./packages.ts";

const order = [["core"], ["sources", "stores", "grants", "helpers", "clients"], ["services"], ["cli"]];

const group = (pkg: Package): string => pkg.folder.split("/")[1] ?? "";
const level = (pkg: Package): number => order.findIndex((groups) => groups.includes(group(pkg)));

function mayImport(from: Package, to: Package, inTest: boolean): boolean {
  if (from === to || group(to) === "testkit") return inTest;
  if (group(from) === "testkit") return group(to) === "core";
  return level(to) >= 0 && level(to) < level(from);
}

/** Everything that a file names in an import, an export, an `import()` or a type; "" for a name that is computed. */
function importsOf(file: string): string[] {
  const found: string[] = [];
  const add = ({ source }: { source: object | null }): void => {
    if (source) found.push("value" in source ? String(source.value) : "");
  };
  new Visitor({
    ImportDeclaration: add,
    ExportNamedDeclaration: add,
    ExportAllDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
  }).visit(parseSync(file, readFileSync(file, "utf8")).program);
  return found;
}

/** One line for each import or dependency that goes the wrong way, is missing, or is declared for nothing. */
export function boundaryProblems(from: string = root): string[] {
  const all = packages(from);
  const problems: string[] = [];
  for (const pkg of all) {
    const { name, dependencies, devDependencies, peerDependencies, optionalDependencies } = pkg.manifest;
    const shipped = { ...dependencies, ...peerDependencies, ...optionalDependencies };
    const used = new Set<string>();
    const internal = (target: string) => all.find((other) => other.manifest.name === target);

    for (const file of globSync("{src,test}/**/*.ts", { cwd: join(from, pkg.folder) })) {
      const path = file.replaceAll("\\", "/");
      const inTest = path.startsWith("test/");
      for (const specifier of importsOf(join(from, pkg.folder, path))) {
        const wrong = (why: string) => problems.push(`${pkg.folder}/${path} imports ${specifier}: ${why}`);
        const reached = posix.join(posix.dirname(path), specifier);
        const target = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
        const other = internal(target);
        if (specifier === "") {
          if (!inTest && group(pkg) !== "cli")
            problems.push(
              `${pkg.folder}/${path} imports a computed name: only the command loads what its user names`,
            );
        } else if (specifier.startsWith(".")) {
          if (reached.startsWith("../")) wrong("that is outside the package");
          else if (!inTest && !reached.startsWith("src/")) wrong("that is not published");
        } else if (isBuiltin(specifier)) {
          if (name === "@auth/core" && !inTest) wrong("core runs where there is no Node");
        } else {
          if (other && !mayImport(pkg, other, inTest)) wrong("imports do not flow that way");
          if (!inTest && !(target in shipped)) wrong("it is not in dependencies");
          if (!inTest) used.add(target);
        }
      }
    }
    for (const [dependency, range] of Object.entries({ ...devDependencies, ...shipped })) {
      const wrong = (why: string) => problems.push(`${pkg.folder} depends on ${dependency}: ${why}`);
      const other = internal(dependency);
      const ships = dependency in shipped;
      if (other && range !== "workspace:^") wrong(`ask for "workspace:^", not "${range}"`);
      if (other && !mayImport(pkg, other, !ships)) wrong("imports do not flow that way");
      if (ships && name === "@auth/core") wrong("core has no dependencies");
      if (ships && !used.has(dependency)) wrong("no source file imports it");
    }
  }
  return problems;
}

if (import.meta.main) {
  const problems = boundaryProblems();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
