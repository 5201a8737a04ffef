import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const [, section = ""] = /^## Coming from the command line\n(.*?)(?=^## |^[A-Z])/ms.exec(page) ?? [];
const rows = [...section.matchAll(/^\| (.*?) \| .* \|$/gm)].map(([, there = ""]) => there).slice(1);
const tests = globSync("test/*.test.ts", { cwd: folder })
  .filter((file) => !file.endsWith("original.test.ts"))
  .map((file) => readFileSync(new URL(file, folder), "utf8"))
  .join("\n");

/** The rows of that table: the beginning of the title of the test that shows what stands beside it. */
const shownBy: readonly (readonly [there: string, title: string])[] = [
  ["`yaku login <env> --url <url> --web`", "yaku 14 a login is in the file as the command line reads it"],
  ["`--admin`, scope `global`", "yaku 4 an administrator's login asks for the scope global"],
  ["`--token`", "yaku 30 is tried, and then kept"],
  ["`--namespace`, field `namespace`", "yaku 16 a login over an older one"],
  ["`yaku tokens create <description>`", "yaku 33 sends the description"],
  ["`try_admin`, which it never sends", "yaku 34 with tryAdmin"],
  ["`yaku tokens list`", "yaku 37 all pages, in order"],
  ["`yaku tokens revoke <id>`", "yaku 38 ends one"],
  ["`GET /long-running-tokens/{id}`", "yaku 37 all pages, in order"],
  [
    "`id`, `description`, `try_admin`, `status`, `createdBy`, `creationTime`, `lastModifiedBy`, `lastModificationTime`",
    "yaku 33 sends the description",
  ],
  ["`token`, in the answer to `create` alone", "yaku 33 sends the description"],
  ["`yakp_aa_<id>_<secret>`", "SEC-10 a text of another shape is refused"],
  ["`Authorization: Bearer`", "SEC-27 after a 401 one renewal"],
  ["`yaku environments list`", "yaku 26 a file of the earlier shape"],
  ["`name`, `url`, `current`", "yaku 14 a login is in the file as the command line reads it"],
  ["`accessToken`", "yaku 17 a valid token and three commands"],
  ["`expiresAt`, in seconds", "yaku 18 in the last 30 s one renewal"],
  ["`refreshToken`", "yaku 19 SEC-60"],
  ["`HOME`, `RUNTIME_CONFIG`", "yaku 25 where the file is"],
  ["`GET /service/authinfo`, `wellKnownConfigUrl`", "yaku 1 the provider is learned from authinfo"],
  ["401 `Unauthorized`", "SEC-27 a 401 of Yaku's renews"],
  ["403 to `create` with an application token", "yaku 36 by an application token"],
  ["404", "yaku 38 ends one"],
  ["400 to a description without or with over 1000 characters", "yaku 35 a description that is none"],
  ["429, `ratelimit-reset`", "yaku 39 a server that is asked too often"],
  ["“Failed to retrieve token”", "yaku 12 a login without a refresh token"],
];

test("each name of the original is in the README, and a test shows its counterpart", () => {
  expect(rows.length).toBeGreaterThan(10);
  expect(shownBy.map(([there]) => there)).toEqual(rows);
  const untold = shownBy.filter(([, title]) => !tests.includes(`"${title}`));
  expect(untold).toEqual([]);
});
