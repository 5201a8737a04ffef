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
  return new Response((await response.text()).replaceAll("${server.origin}", "${issuer}"), response);
}`;

test.each<[grant: string, env: () => Promise<Record<string, string>>]>([
  ["client_credentials", async () => ({ CLIENT_ID: basic.id, CLIENT_SECRET: basic.secret })],
  ["client_credentials", async () => ({ CLIENT_ID: signing.id, CLIENT_KEY: signing.keys.RS256.pem })],
  ["refresh_token", async () => ({ REFRESH_TOKEN: await server.logIn(open.id) })],
  ["password", async () => ({ LOGIN: person.name, PASSWORD: person.password })],
])("README example %$ runs as printed: %s", async (grant, env) => {
  const code = examples[server.tokenRequests.length] ?? "";
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      `--import=data:text/javascript,${encodeURIComponent(proxy)}`,
      "--input-type=module-typescript",
      `--eval=${code}\nconsole.log(token.reveal());`,
    ],
    { cwd: folder, env: await env() },
  );
  expect(await server.isActive(stdout.trim())).toBe(true);
  expect(server.tokenRequests.at(-1)).toBe(`${grant} ok`);
});

test("every README example is run", () => {
  expect(server.tokenRequests).toHaveLength(examples.length);
});
