import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { conform, named } from "../conformance.ts";
import { root } from "../packages.ts";
import { collectTests, type Report, testsIn } from "../tests.ts";

const file = "packages/services/yaku/test/a.test.ts";

afterEach(() => void vi.unstubAllEnvs());

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

test("a machine without the original clients still has the tests against them", async () => {
  vi.stubEnv("AUTH_TEST_REPORT", undefined);
  vi.stubEnv("AUTH_IT", undefined);
  vi.stubEnv("AUTH_PARTS", join(root, "no/such/parts"));
  const found = await collectTests("packages/services/descartes-labs/test/original-client");
  expect(found.flatMap(({ title }) => named(title))).toContain("descarteslabs 39");
  expect(new Set(found.map(({ file }) => file))).toEqual(
    new Set(["packages/services/descartes-labs/test/original-client.test.ts"]),
  );
}, 60_000);

test("in a report a failed test proves nothing, and a skipped one only where real parts were not asked for", () => {
  const assertionResults = ["passed", "failed", "skipped"].map((status) => ({ fullName: status, status }));
  const report: Report = { testResults: [{ name: join(root, file), assertionResults }] };
  const titles = (required: boolean): string[] => testsIn(report, required).map(({ title }) => title);
  expect(titles(true)).toEqual(["passed"]);
  expect(titles(false)).toEqual(["passed", "skipped"]);
  expect(testsIn(report, true)[0]?.file).toBe(file);
});
