import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { entriesOf, exportsOf } from "../exports.ts";
import { packages } from "../packages.ts";

const entries = packages().flatMap((pkg) => [...entriesOf(pkg)].map(([entry, file]) => ({ entry, file })));

// What is gone or new here is gone or new for users: say so in a changeset, then run `pnpm test --project scripts -u`.
test.each(entries)("$entry exports what it exported", ({ file }) => {
  expect(exportsOf(file)).toMatchSnapshot();
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "exports-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("every way to export is seen", () => {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write(
    "index.ts",
    'export { b as c, type D } from "./b.ts"; export * from "./e.ts"; export * as f from "./e.ts";',
  );
  write("b.ts", "export const b = 1; export type D = 1;");
  write("e.ts", "const x = 1; export { x }; export interface Y {} export class A {} export default x;");
  expect(exportsOf(join(folder, "index.ts"))).toEqual(["A", "type D", "type Y", "c", "f", "x"]);
  expect(exportsOf(join(folder, "e.ts"))).toEqual(["A", "type Y", "default", "x"]);
});
