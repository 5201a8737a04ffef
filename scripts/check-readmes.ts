// Each package's README: its sections in the usual order, its options those of the code, its examples run by a test.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { marked, type Token, type Tokens } from "marked";
import { type Documented, undocumented } from "./option-types.ts";
import { type Package, packages, root } from "./packages.ts";

/** The sections of a README, in this order. What else there is may stand between them. */
const sections: readonly [name: string, heading: RegExp][] = [
  ["Install", /^Install/],
  ["Use", /^(Use|Usage)\b/],
  ["Options", /^Options/],
  ["What is read, in which order", /\bin which order$/],
  ["Errors", /^Errors/],
  ["Permissions needed", /^Permissions/],
  ["Security notes", /^Security/],
  ["License", /^Licen[sc]e/],
];

/** What is wrong with the text of a README, and with the test that runs its examples. */
export function readmeProblems(name: string, page: string, test: string | undefined): string[] {
  const tokens = marked.lexer(page);
  const [title, intro] = tokens.filter(({ type }) => type !== "space");
  const problems: string[] = [];
  if (!isHeading(title, 1) || title.text !== name) problems.push(`does not begin with "# ${name}"`);
  if (intro?.type !== "paragraph")
    problems.push("does not say in a sentence what it is, right below its title");

  const headings = tokens.filter((token) => isHeading(token, 2)).map(({ text }) => text);
  let last = -1;
  for (const [section, heading] of sections) {
    const at = headings.findIndex((each) => heading.test(each));
    if (at < 0) problems.push(`has no section "${section}"`);
    else if (at < last) problems.push(`has its section "${section}" too late or too early`);
    last = Math.max(last, at);
  }
  if (/\bTODO\b/.test(page)) problems.push("has a TODO");

  const code = tokens.filter(
    (token): token is Tokens.Code => token.type === "code" && token["lang"] === "ts",
  );
  const examples = code.length;
  if (code.some(({ text }) => leavesAuthOpen(text)))
    problems.push("has an example that makes an Auth and does not end it");
  if (examples === 0) problems.push("has no example in TypeScript");
  else if (!test?.includes("README.md") || !test.includes("```ts"))
    problems.push("has examples that test/readme.test.ts does not run");
  return problems;
}

/** Whoever copies an example copies how it ends: a program that does not dispose of its `Auth` may end during a save. */
export const leavesAuthOpen = (code: string): boolean =>
  code.includes("createAuth(") && !/Symbol\.asyncDispose|await using/.test(code);

/** What is wrong with how a README has its package installed: a name without its major may be somebody else's package. */
export function installProblems(name: string, page: string): string[] {
  const scope = name.split("/")[0] as string;
  const section = /^## Install\n(.*?)^## /ms.exec(page)?.[1] ?? "";
  const commands = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text = ""]) => text).join("\n");
  const ours = commands.split(/\s+/).filter((word) => word.startsWith(`${scope}/`));
  return [
    ...ours.filter((word) => !/@\d{3,}$/.test(word)).map((word) => `installs ${word} without its major`),
    ...(ours.some((word) => word.startsWith(`${name}@`)) ? [] : [`does not install ${name}`]),
    ...(section.includes("README.md#getting-them)") ? [] : ['does not link to "Getting them"']),
  ];
}

const isHeading = (token: Token | undefined, depth: number): token is Tokens.Heading =>
  token?.type === "heading" && token["depth"] === depth;

/** The names in the first columns of the tables below "Options". */
export function documentedOptions(page: string): string[] {
  const tokens = marked.lexer(page);
  const start = tokens.findIndex((token) => isHeading(token, 2) && token.text.startsWith("Options"));
  if (start < 0) return [];
  const length = tokens.slice(start + 1).findIndex((token) => isHeading(token, 2));
  const section = tokens.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const tables = section.filter((token): token is Tokens.Table => token.type === "table");
  return tables.flatMap(({ rows }) =>
    rows.flatMap(([first]) =>
      [...(first?.text ?? "").matchAll(/`([\w.]+)`/g)].map(([, option]) => option as string),
    ),
  );
}

async function check(all: readonly Package[]): Promise<string[]> {
  const problems: string[] = [];
  const front = readFileSync(join(root, "README.md"), "utf8").match(/^```ts\n.*?^```/gms) ?? [];
  if (front.some(leavesAuthOpen))
    problems.push("README.md has an example that makes an Auth and does not end it");
  const documented: Documented[] = [];
  for (const pkg of all) {
    const read = (file: string): string | undefined => {
      const path = join(root, pkg.folder, file);
      return existsSync(path) ? readFileSync(path, "utf8") : undefined;
    };
    const page = read("README.md");
    const about =
      page === undefined
        ? ["is missing"]
        : [
            ...readmeProblems(pkg.manifest.name, page, read("test/readme.test.ts")),
            ...installProblems(pkg.manifest.name, page),
          ];
    problems.push(...about.map((problem) => `${pkg.folder}/README.md ${problem}`));
    if (page !== undefined) documented.push({ pkg, names: documentedOptions(page) });
  }
  return [...problems, ...(await undocumented(documented))];
}

if (import.meta.main) {
  const problems = await check(packages());
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
