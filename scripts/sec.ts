// pnpm sec: which tests prove which security requirement; fails if one of them is proven by none.
// pnpm sec SEC-70: the tests for one. --json: all of it. --quiet: what is wrong, only. Of what AUTH_TEST_REPORT names, a report of vitest, see tests.ts.
import { parseArgs } from "node:util";
import { cited, type Requirement, requirements } from "./requirements.ts";
import { table } from "./table.ts";
import { collectTests, type Test } from "./tests.ts";

export interface Proven extends Requirement {
  tests: Test[];
}

/** Each requirement with the tests whose titles name it, and what is wrong. */
export function prove(
  all: readonly Requirement[],
  tests: readonly Test[],
): { proven: Proven[]; problems: string[] } {
  const proven = all.map(
    (each): Proven => ({ ...each, tests: tests.filter(({ title }) => cited(title).includes(each.id)) }),
  );
  const gaps = proven.filter((each) => each.tests.length === 0 && !each.pending);
  const unknown = tests.flatMap(({ title, file }) =>
    cited(title)
      .filter((id) => !all.some((each) => each.id === id))
      .map((id) => `${file}: "${title}" names ${id}, which is not in docs/security/requirements.md`),
  );
  const missing = gaps.length > 0 ? [`No test names ${gaps.map(({ id }) => id).join(", ")}.`] : [];
  return { proven, problems: [...missing, ...unknown] };
}

const where = ({ file }: Test): string =>
  file.replace(/^packages\/(?:.+\/)?([^/]+)\/test\/.*/, "$1").replace(/\/test\/.*/, "");

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" }, quiet: { type: "boolean" } },
  });
  const { proven, problems } = prove(requirements(), await collectTests());
  if (values.json) console.log(JSON.stringify({ requirements: proven, problems }, undefined, 2));
  else if (positionals.length > 0) {
    for (const { id, title, tests } of proven.filter((each) => positionals.includes(each.id)))
      console.log(`${id}: ${title}\n${tests.map((test) => `  ${test.file}: ${test.title}`).join("\n")}`);
  } else if (!values.quiet) {
    const rows = proven.map(({ id, title, tests, pending }) => [
      id,
      `${tests.length}`,
      [...new Set(tests.map(where))].join(", ") || (pending ? `pending: ${pending}` : "NONE"),
      title,
    ]);
    console.log(
      table(["requirement", "tests", "in", "in short"], rows, ([, , status]) =>
        status === "NONE" ? "red" : status?.startsWith("pending: ") ? "dim" : undefined,
      ),
    );
    const count = (keep: (each: Proven) => boolean): number => proven.filter(keep).length;
    console.log(
      `\n${count(({ tests }) => tests.length > 0)} proven, ${count(({ tests, pending }) => tests.length === 0 && pending !== undefined)} pending, ${problems.length} wrong`,
    );
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
