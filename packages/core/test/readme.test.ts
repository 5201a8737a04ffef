import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const folder = new URL("..", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), "utf8");
const readme = read("README.md");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);

/** For each example: what to look at afterwards, and what is printed in all. */
const runs: [look: string, printed: RegExp][] = [
  ['headers.get("authorization")', /^Bearer the-token\n$/],
  [
    "[credential.type, credential.key.reveal(), ...links.map((link) => link.outcome + (link.winner ?? ''))].join()",
    /^api-key,the-key,ERR_AUTH_NOT_FOUND,foundtrue\n$/,
  ],
  [
    "seen.join('; ')",
    /^\[secret\] \{"type":"ApiKey","id":"[\w-]+"\} true\nacme: read from fixed; acme: renewed by exchange from fixed\n$/,
  ],
];

describe("README", () => {
  test.each(runs)("example %$ runs as printed", async (look, printed) => {
    const code = examples[runs.findIndex(([own]) => own === look)] ?? "";
    const args = ["--conditions=src", "--no-warnings", "--input-type=module-typescript"];
    const program = `--eval=${code}\nconsole.log(${look});`;
    const { stdout } = await promisify(execFile)(process.execPath, [...args, program], {
      cwd: folder,
      env: {},
    });
    expect(stdout).toMatch(printed);
  });

  test("every example is run", () => {
    expect(examples).toHaveLength(runs.length);
  });

  test.each(["index", "resolver", "payload", "debug", "default"])(
    "names all that %s.ts offers",
    async (entry) => {
      const values = Object.keys(await import(new URL(`src/${entry}.ts`, folder).href));
      const types = entry === "index" ? exportedNames(read("src/index.ts")) : [];
      expect([...values, ...types].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
    },
  );

  test.each([
    ["src/auth.ts", "AuthOptions"],
    ["src/policy.ts", "TokenPolicy"],
  ])("its table has the members of %s's %s, and no others", (file, name) => {
    const body = read(file).split(`interface ${name} {`)[1]?.split(/^\}/m)[0] ?? "";
    const members = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => member);
    const table =
      readme.split(name === "AuthOptions" ? "Of `createAuth`:" : "## When tokens are renewed")[1] ?? "";
    const rows =
      table
        .trimStart()
        .split(/^\|---.*\n/m)[1]
        ?.split("\n\n")[0] ?? "";
    const inTable = [...rows.matchAll(/^\| `(\w+)` \|/gm)].map(([, row]) => row);
    expect(members.length).toBeGreaterThan(0);
    expect(inTable).toEqual(members);
  });
});

/** The names between the braces of every `export { … }`. */
function exportedNames(source: string): string[] {
  return [...source.matchAll(/\{([^}]+)\}/g)].flatMap(([, names = ""]) =>
    names.split(",").flatMap((name) => name.replace(/\btype\b/, "").trim() || []),
  );
}
