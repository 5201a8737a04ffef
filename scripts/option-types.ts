import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entriesOf, exportsOf } from "./exports.ts";
import { type Package, root } from "./packages.ts";
import { CommandFailed, run } from "./run.ts";

export interface Documented {
  pkg: Package;
  /** Of all options that its README lists. */
  names: readonly string[];
}

/**
 * Compares the options that READMEs list with the members of the exported types whose names end in "Options". The compiler
 * itself does it, since options come together from interfaces of several files and packages: each difference becomes a
 * type that is not `never`, and its message names them.
 */
export async function undocumented(pages: readonly Documented[], from: string = root): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "options-"));
  try {
    for (const [i, page] of pages.entries()) writeFileSync(join(folder, `${i}.ts`), comparison(page, from));
    const compilerOptions = {
      allowImportingTsExtensions: true,
      noErrorTruncation: true,
      noUnusedLocals: false,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    };
    const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    await run(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.json", "--pretty", "false"], {
      cwd: folder,
    });
    return [];
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return explain(error, pages);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A program that compiles exactly if all is documented: line 3 holds what is missing, line 4 what should not be there. */
function comparison({ pkg, names }: Documented, from: string): string {
  const types = [...entriesOf(pkg, from).values()].flatMap((file) =>
    exportsOf(file)
      .filter((name) => /^type \w*Options$/.test(name))
      .map((name) => `Keys<import(${JSON.stringify(file)}).${name.slice("type ".length)}>`),
  );
  const listed = names.map((name) => JSON.stringify(name)).join(" | ") || "never";
  // An object type is spelled out in the message, where a union would go by its alias.
  return `type Keys<T> = T extends unknown ? keyof T : never; type Spelled<T extends PropertyKey> = [T] extends [never] ? never : { [K in T]: 1 };
type Actual = ${types.join(" | ") || "never"}; type Listed = ${listed};
export const missing: never = undefined as unknown as Spelled<Exclude<Actual, Listed>>;
export const unknown: never = undefined as unknown as Spelled<Exclude<Listed, Actual>>;
`;
}

function explain(error: CommandFailed, pages: readonly Documented[]): string[] {
  const problems: string[] = [];
  for (const [, file, line, type] of error.output.matchAll(
    /^(\d+)\.ts\((\d),\d+\): error TS2322: Type '(.+)' is not assignable/gm,
  )) {
    const { folder } = (pages[Number(file)] as Documented).pkg;
    const names = [...(type ?? "").matchAll(/"?([\w.]+)"?: 1;/g)]
      .map(([, name]) => name)
      .toSorted((a = "", b = "") => a.localeCompare(b))
      .join(", ");
    problems.push(
      `${folder}/README.md ${line === "3" ? "does not list the options" : "lists what is no option"}: ${names}`,
    );
  }
  return problems.length > 0 ? problems : [error.message];
}
