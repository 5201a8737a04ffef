import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { client, jamfServer } from "./support/jamf-server.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");

const server = await jamfServer(Date.now);
afterAll(() => server[Symbol.asyncDispose]());

/** What to look at after each example, and what it is. */
const runs: readonly [look: string, seen: string][] = [
  ["response.status", "200"],
  ["left", "0"],
  ["credentials.name + typeof account + typeof invalidate", "functionfunction"],
  ["token.reveal()", "from-elsewhere"],
];

test.each(runs.map((run, i) => [i, ...run] as const))(
  "README example %d runs as printed",
  async (i, look, seen) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--conditions=src",
        "--no-warnings",
        "--input-type=module-typescript",
        `--eval=${examples[i]}\nconsole.log("<" + (${look}) + ">");`,
      ],
      {
        cwd: folder,
        env: {
          JAMF_PRO_SERVER: server.url,
          JAMF_PRO_CLIENT_ID: client.clientId,
          JAMF_PRO_CLIENT_SECRET: client.clientSecret,
        },
      },
    );
    expect(stdout).toContain(`${seen}>`);
  },
);

test("every README example is run", () => {
  expect(runs).toHaveLength(examples.length);
});
