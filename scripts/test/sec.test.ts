import { expect, test } from "vitest";
import { cited, parseRequirements, requirements } from "../requirements.ts";
import { prove } from "../sec.ts";

const page = `
| Requirement | In short |
| --- | --- |
| SEC-1 | one |
| SEC-2 | two |
| SEC-3 | three |

| Requirements | Issue |
| --- | --- |
| SEC-2, SEC-3 | Later |
`;
const file = "packages/core/test/a.test.ts";

test("a page is read: its requirements, and who proves those that are pending", () => {
  expect(parseRequirements(page)).toEqual([
    { id: "SEC-1", title: "one" },
    { id: "SEC-2", title: "two", pending: "Later" },
    { id: "SEC-3", title: "three", pending: "Later" },
  ]);
  expect(() => parseRequirements(page.replace("SEC-2, SEC-3", "SEC-4"))).toThrow(
    "SEC-4 is pending, and no requirement",
  );
});

test("a title names whole numbers, any of them", () => {
  expect(cited("SEC-10 and SEC-1: both, SEC-10 again")).toEqual(["SEC-10", "SEC-1"]);
  expect(cited("nothing")).toEqual([]);
});

test("a requirement that no test names is a gap, unless it is pending", () => {
  const all = parseRequirements(page);
  const named = { title: "suite > SEC-1 holds", file };
  expect(prove(all, [named]).problems).toEqual([]);
  expect(prove(all, [named]).proven[0]?.tests).toEqual([named]);
  expect(prove(all, [{ title: "SEC-10 is another one", file }]).problems).toEqual([
    "No test names SEC-1.",
    `${file}: "SEC-10 is another one" names SEC-10, which is not in docs/security/requirements.md`,
  ]);
});

test("our page names each requirement once, in order, and is not all pending", () => {
  const all = requirements();
  const numbers = all.map(({ id }) => Number(id.slice("SEC-".length)));
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  expect(numbers.length).toBeGreaterThan(100);
  expect(all.filter(({ pending }) => pending).length).toBeLessThan(all.length / 2);
});
