// pnpm conformance: which tests prove which of the services' 160 cases; fails if one is proven by none and no decision says why.
// --json: all of it. --quiet: what is wrong, only. Of what AUTH_TEST_REPORT names, a report of vitest, see tests.ts.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./packages.ts";
import { table } from "./table.ts";
import { collectTests, type Test } from "./tests.ts";

/** What each service's original and its server do, in 40 cases. */
const services = ["yamcs", "descarteslabs", "yaku", "jamf"];
const cases = services.flatMap((service) => Array.from({ length: 40 }, (_, i) => `${service} ${i + 1}`));

export interface Case {
  name: string;
  tests: Test[];
  /** The page that says why it does not hold as it is written. */
  decision?: string;
}

/** The cases that a text names. "yaku 3" is not "yaku 31". */
export const named = (text: string): string[] =>
  [...text.matchAll(/\b(yamcs|descarteslabs|yaku|jamf) (\d+)\b/g)].map(
    ([, service, number]) => `${service} ${number}`,
  );

export function conform(
  tests: readonly Test[],
  decisions: readonly { page: string; text: string }[],
): { found: Case[]; problems: string[] } {
  const found = cases.map((name): Case => {
    const decision = decisions.find(({ text }) => named(text).includes(name))?.page;
    return {
      name,
      tests: tests.filter(({ title }) => named(title).includes(name)),
      ...(decision && { decision }),
    };
  });
  const gaps = found.filter(({ tests, decision }) => tests.length === 0 && !decision).map(({ name }) => name);
  const unknown = tests.flatMap(({ title, file }) =>
    named(title)
      .filter((name) => !cases.includes(name))
      .map((name) => `${file}: "${title}" names ${name}, which is no case`),
  );
  return { found, problems: [...(gaps.length > 0 ? [`No test names ${gaps.join(", ")}.`] : []), ...unknown] };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, quiet: { type: "boolean" } } });
  const decisions = globSync("docs/decisions/0*.md", { cwd: root }).map((page) => ({
    page: basename(page, ".md"),
    text: readFileSync(join(root, page), "utf8"),
  }));
  const tests = await collectTests("packages/services/");
  const { found, problems } = conform(tests, decisions);
  if (values.json) console.log(JSON.stringify({ cases: found, problems }, undefined, 2));
  else if (!values.quiet) {
    const about = ({ title }: Test): string => title.replace(/^.* > /, "");
    const rows = found.map(({ name, tests, decision }) => [
      name,
      `${tests.length}`,
      [decision && `see ${decision}`, tests[0] && about(tests[0])].filter(Boolean).join("; ") || "NONE",
    ]);
    console.log(
      table(["case", "tests", "such as"], rows, ([, , first]) => (first === "NONE" ? "red" : undefined)),
    );
    for (const service of services) {
      const of = found.filter(({ name }) => name.startsWith(service));
      const count = of.reduce((sum, each) => sum + each.tests.length, 0);
      console.log(
        `\n${service}: ${of.filter((each) => each.tests.length > 0).length} of 40 cases, ${count} tests`,
      );
    }
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
