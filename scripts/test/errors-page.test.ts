import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../packages.ts";
import { codes, reasonsInCode } from "./reasons-in-code.ts";

const inCode = reasonsInCode();
const page = readFileSync(join(root, "docs/errors.md"), "utf8");
/** Heading → the reasons in the table below it. */
const onPage = new Map(
  page
    .split(/^## /m)
    .map((section) => [
      /^`ERR_AUTH_(\w+)`/.exec(section)?.[1] ?? "",
      [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) =>
        [...cell.matchAll(/`([a-z0-9-]+)`/g)].map(([, reason = ""]) => reason),
      ),
    ]),
);

test("the page has every reason that the code gives, under each of its codes", () => {
  const listed = [...onPage.values()].flat();
  const missing = [...inCode].flatMap(([reason, codes]) =>
    [...codes]
      .filter((code) => !(code === "" ? listed : (onPage.get(code) ?? [])).includes(reason))
      .map((code) => `${code} ${reason}`),
  );
  expect(missing.sort()).toEqual([]);
});

test("the page has no reason that the code does not give", () => {
  expect([...onPage.values()].flat().filter((reason) => !inCode.has(reason))).toEqual([]);
});

test("the page has every code", () => {
  expect(codes).toHaveLength(8);
  expect(codes.filter((code) => !page.includes(`## \`ERR_AUTH_${code}\``))).toEqual([]);
});
