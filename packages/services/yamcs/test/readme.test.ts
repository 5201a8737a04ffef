import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { oddService } from "./support/world.ts";
import { user, yamcsServer } from "./support/yamcs-server.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");

const server = await yamcsServer(Date.now);
server.services.set(oddService.id, oddService);
server.apiKeys.add("of-the-script");
const home = mkdtempSync(join(tmpdir(), "yamcs-home-"));
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

const password = { YAMCS_USERNAME: user.username, YAMCS_PASSWORD: user.password };
const service = { YAMCS_CLIENT_ID: oddService.id, YAMCS_CLIENT_SECRET: oddService.secret };

/** What to look at after each example, what it is, and what is in its environment. */
const runs: readonly [look: string, seen: string, env: Record<string, string>][] = [
  ["response.status + name + superuser", "200admintrue", password],
  ["token.type", "Bearer", service],
  ["me.name", "admin", { YAMCS_API_KEY: "of-the-script" }],
  ["[loggedIn, changes.length]", "false,0", {}],
  ["[requireAuthentication, auths.length]", "true,5", {}],
];

test.each(runs.map((run, i) => [i, ...run] as const))(
  "README example %d runs as printed",
  async (i, look, seen, env) => {
    const program = `${examples[i]}\nconsole.log("<" + (${look}) + ">");`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=src", "--no-warnings", "--input-type=module-typescript", `--eval=${program}`],
      { cwd: folder, env: { HOME: home, YAMCS_URL: server.url, ...env } },
    );
    expect(stdout).toContain(`<${seen}>`);
  },
);

test("every README example is run", () => {
  expect(runs).toHaveLength(examples.length);
});
