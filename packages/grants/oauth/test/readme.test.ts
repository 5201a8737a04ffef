import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { realServer } from "./real-server.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? "");

const issuer = "https://idp.example.com";
const server = await realServer({ issuer });
afterAll(() => server.close());
const { basic, signing, open, person } = server;

/** The issuer of the examples does not exist: its requests go to the server on loopback, which calls itself by that name. */
const proxy = `const real = globalThis.fetch;
globalThis.fetch = async (url, init) => {
  const response = await real(String(url).replace("${issuer}", "${server.origin}"), init);
  const text = (await response.text()).replaceAll("${server.origin}", "${issuer}");
  return new Response(text.replace('{"device_code"', '{"interval":1,"device_code"'), response);
}`;

type Run = readonly [grant: string, env: () => Promise<Record<string, string>>];
const runs: readonly Run[] = [
  ["client_credentials", async () => ({ CLIENT_ID: basic.id, CLIENT_SECRET: basic.secret })],
  ["client_credentials", async () => ({ CLIENT_ID: signing.id, CLIENT_KEY: signing.keys.RS256.pem })],
  ["refresh_token", async () => ({ REFRESH_TOKEN: await server.logIn(open.id) })],
  ["urn:ietf:params:oauth:grant-type:device_code", async () => ({})],
  ["password", async () => ({ LOGIN: person.name, PASSWORD: person.password })],
];

test.each(runs.map((run, i) => [i, ...run] as const))(
  "README example %d runs as printed: %s",
  async (i, grant, env) => {
    const running = promisify(execFile)(
      process.execPath,
      [
        "--conditions=src",
        "--no-warnings",
        `--import=data:text/javascript,${encodeURIComponent(proxy)}`,
        "--input-type=module-typescript",
        `--eval=${examples[i]}\nconsole.log(token.reveal());`,
      ],
      { cwd: folder, env: await env() },
    );
    running.child.stdout?.on("data", (text) => {
      const [, userCode] = /^Enter (\S+) at https:/m.exec(text) ?? [];
      if (userCode !== undefined) void server.enter(userCode);
    });
    const { stdout } = await running;
    expect(await server.isActive(stdout.trim().split("\n").at(-1) ?? "")).toBe(true);
    expect(server.tokenRequests.at(-1)).toBe(`${grant} ok`);
  },
);

test("every README example is run", () => {
  expect(runs).toHaveLength(examples.length);
});
