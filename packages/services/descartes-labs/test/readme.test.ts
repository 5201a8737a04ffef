import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { cid, iamServer, sec } from "./support/iam-server.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");

const server = await iamServer(Date.now);
server.claims = { name: "Ada" };
const home = mkdtempSync(join(tmpdir(), "auth-descartes-"));
afterAll(async () => {
  rmSync(home, { recursive: true });
  await server[Symbol.asyncDispose]();
});
const paste = Buffer.from(JSON.stringify({ client_id: cid, client_secret: sec })).toString("base64url");
const given = { DESCARTESLABS_CLIENT_ID: cid, DESCARTESLABS_CLIENT_SECRET: sec };

/** What to look at after each example, what it is, and what the environment has. */
const runs: readonly [look: string, seen: string, env: Readonly<Record<string, string>>][] = [
  ["namespace.length + typeof payload + allAclSubjects.length", "40object1", given],
  ["response.status", "404", given],
  ["name", "Ada", {}],
  ["expiresAt > new Date()", "true", given],
];

test.each(runs.map((run, i) => [i, ...run] as const))(
  "README example %d runs as printed",
  async (i, look, seen, env) => {
    const running = promisify(execFile)(
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
          HOME: home,
          DESCARTESLABS_IAM_URL: server.url,
          DESCARTESLABS_PLATFORM_URL: server.url,
          ...env,
        },
      },
    );
    running.child.stdin?.end(`${paste}\n`);
    expect((await running).stdout).toContain(`<${seen}>`);
  },
);

test("every README example is run", () => {
  expect(runs).toHaveLength(examples.length);
});
