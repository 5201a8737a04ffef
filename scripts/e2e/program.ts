import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";
import { type Package, root } from "../packages.ts";
import { run } from "../run.ts";

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: "es2023",
};

/** The ways in which consumers compile: as Node resolves, with its types; as bundlers do; with no more than a browser's app has. */
const resolutions: Record<"nodenext" | "bundler" | "web", object> = {
  nodenext: {
    ...strict,
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2023"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    outDir: "out",
    rootDir: ".",
  },
  bundler: {
    ...strict,
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2023", "esnext.disposable", "dom"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    noEmit: true,
  },
  web: {
    ...strict,
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2022", "dom"],
    types: [],
    noEmit: true,
  },
};

/** The packages that a built module needs as it is loaded. */
function needs(file: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const { staticImports, staticExports } = parseSync(file, readFileSync(file, "utf8")).module;
  const specifiers = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ];
  return specifiers.flatMap((specifier) =>
    specifier.startsWith(".")
      ? needs(join(dirname(file), specifier), seen)
      : specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"),
  );
}

/** The ways into a package that work in this app: some are for those who have installed an optional peer, too. */
export function usableEntries(app: string, { manifest }: Package): string[] {
  const { name, exports, peerDependenciesMeta = {} } = manifest;
  const absent = Object.keys(peerDependenciesMeta).filter(
    (peer) => !existsSync(join(app, "node_modules", peer)),
  );
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === "string") return [];
    const needed = needs(join(app, "node_modules", name, target["default"] ?? ""));
    return needed.some((each) => absent.includes(each)) ? [] : [name + path.slice(1)];
  });
}

/** Imports all that there is: every entry must load, hold something, and have declarations that stand on their own. */
export function importEverything(specifiers: readonly string[]): string {
  const imports = specifiers.map((specifier, i) => `import * as entry${i} from "${specifier}";`);
  const all = specifiers.map((specifier, i) => `["${specifier}", entry${i}]`).join(", ");
  return `${imports.join("\n")}
const entries: ReadonlyArray<readonly [string, object]> = [${all}];
for (const [name, entry] of entries) {
  if (Object.keys(entry).length === 0) throw new Error(\`\${name} exports nothing\`);
}
`;
}

/** Writes the programs for packages into the folder of an app; returns their names. */
export function writePrograms(app: string, pkgs: readonly Package[]): string[] {
  const files = ["everything.ts"];
  writeFileSync(join(app, "everything.ts"), importEverything(pkgs.flatMap((pkg) => usableEntries(app, pkg))));
  for (const { folder } of pkgs) {
    const file = `${folder.split("/").at(-1)}.ts`;
    const program = join(root, "test-apps/consumer", file);
    if (!existsSync(program)) continue;
    copyFileSync(program, join(app, file));
    files.push(file);
  }
  return files;
}

/** Checks programs against what is installed in the folder of an app, and compiles them to `out`. */
export async function compile(
  app: string,
  files: readonly string[],
  ways: readonly (keyof typeof resolutions)[] = ["nodenext", "bundler"],
): Promise<void> {
  for (const way of ways) {
    const config = `tsconfig.${way}.json`;
    writeFileSync(join(app, config), JSON.stringify({ compilerOptions: resolutions[way], files }));
    await run(join(root, "node_modules/.bin/tsc"), ["-p", config], { cwd: app });
  }
}
