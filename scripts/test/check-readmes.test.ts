import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { documentedOptions, installProblems, readmeProblems } from "../check-readmes.ts";
import { undocumented } from "../option-types.ts";
import type { Manifest } from "../packages.ts";

const page = `# x

What it is.

## Install
## Use

\`\`\`ts
run();
\`\`\`

## Options

### For most

| Name | Type |
| --- | --- |
| \`one\` | \`two\` |
| \`two\`, \`three\` | string |

## What is read, in which order

| Name | Place |
| --- | --- |
| \`four\` | there |

## Errors
## Permissions needed
## Security notes
## License
`;
const runs = "readFileSync('README.md').match(/```ts/)";

test("a README in order has no problems", () => {
  expect(readmeProblems("x", page, runs)).toEqual([]);
});

test.each([
  ["another title", page.replace("# x", "# y"), runs, 'does not begin with "# x"'],
  [
    "no sentence",
    page.replace("What it is.", ""),
    runs,
    "does not say in a sentence what it is, right below its title",
  ],
  [
    "a missing section",
    page.replace("## Permissions needed\n", ""),
    runs,
    'has no section "Permissions needed"',
  ],
  [
    "sections out of order",
    page.replace("## Install\n", "").replace("## License", "## Install\n## License"),
    runs,
    'has its section "Use" too late or too early',
  ],
  ["something left to do", page.replace("run();", "run(); // TODO"), runs, "has a TODO"],
  [
    "an example that ends while it may be saving",
    page.replace("run();", "const auth = createAuth({ grant });"),
    runs,
    "has an example that makes an Auth and does not end it",
  ],
  ["no example", page.replace("```ts", "```"), runs, "has no example in TypeScript"],
  ["no test", page, undefined, "has examples that test/readme.test.ts does not run"],
  [
    "a test of something else",
    page,
    "expect(1).toBe(1)",
    "has examples that test/readme.test.ts does not run",
  ],
])("%s is seen", (_, text, test, problem) => {
  expect(readmeProblems("x", text, test)).toContain(problem);
});

test("SEC-137 a README that has a package installed without its major is seen", () => {
  const good =
    "## Install\n\n```sh\nnpm install @a/core@100 @a/x@100 redis\n```\n\n[ours](../README.md#getting-them)\n\n## Use\n";
  expect(installProblems("@a/x", good)).toEqual([]);
  expect(installProblems("@a/x", good.replace("core@100", "core"))).toEqual([
    "installs @a/core without its major",
  ]);
  expect(installProblems("@a/x", good.replace("@a/x@100", ""))).toEqual(["does not install @a/x"]);
  expect(installProblems("@a/x", good.replace("#getting-them", ""))).toEqual([
    'does not link to "Getting them"',
  ]);
});

test("options are what stands in the first column below their heading", () => {
  expect(documentedOptions(page)).toEqual(["one", "two", "three"]);
  expect(documentedOptions("# x")).toEqual([]);
});

let root: string;
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "readmes-"));
  write("package.json", '{"type":"module"}');
});
afterEach(() => rmSync(root, { recursive: true }));

test("options are compared with those of the code, wherever they come from", async () => {
  write("p/src/base.ts", "export interface Base { readonly one?: string }");
  write(
    "p/src/index.ts",
    `import type { Base } from "./base.ts";
     export interface POptions extends Base, Partial<Record<"two", number>> {}
     export type QOptions = Pick<{ three: 1; four: 1 }, "three"> | { readonly five?: 1 };
     export interface Other { six: 1 }`,
  );
  const manifest = {
    name: "p",
    version: "1.0.0",
    exports: { ".": { src: "./src/index.ts" } },
  } satisfies Manifest;
  const pkg = { folder: "p", manifest };
  expect(await undocumented([{ pkg, names: ["one", "two", "three", "five"] }], root)).toEqual([]);
  expect(await undocumented([{ pkg, names: ["one", "three", "five", "six"] }], root)).toEqual([
    "p/README.md does not list the options: two",
    "p/README.md lists what is no option: six",
  ]);
  expect(await undocumented([{ pkg, names: [] }], root)).toEqual([
    "p/README.md does not list the options: five, one, three, two",
  ]);
  const many = Array.from({ length: 60 }, (_, i) => `option${i}`);
  const [problem] = await undocumented([{ pkg, names: ["one", "two", "three", "five", ...many] }], root);
  expect(problem?.match(/option\d+/g)?.toSorted()).toEqual(many.toSorted());
}, 30_000);
