import { expect, test } from "vitest";
import { conform, named } from "../conformance.ts";

const file = "packages/services/yaku/test/a.test.ts";

test("a title names cases, whole numbers of them", () => {
  expect(named("yaku 3 and yaku 31: both; jamf-pro 4 is a package")).toEqual(["yaku 3", "yaku 31"]);
});

test("a case that no test names is a gap, unless a decision says why", () => {
  const tests = ["yamcs", "descarteslabs", "yaku", "jamf"].flatMap((service) =>
    Array.from({ length: 40 }, (_, i) => ({ title: `suite > ${service} ${i + 1} holds`, file })),
  );
  expect(conform(tests, []).problems).toEqual([]);
  const lacking = tests.filter(({ title }) => !title.includes("yaku 7 "));
  expect(conform(lacking, []).problems).toEqual(["No test names yaku 7."]);
  expect(conform(lacking, [{ page: "0099-why", text: "Case yaku 7 asks for more." }]).problems).toEqual([]);
  expect(conform([...tests, { title: "jamf 41", file }], []).problems).toEqual([
    `${file}: "jamf 41" names jamf 41, which is no case`,
  ]);
});
