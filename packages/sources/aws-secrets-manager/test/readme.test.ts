import { execFile } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { useAgent } from "./support/local-agent.ts";
import { useWorld } from "./support/world.ts";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)];
const world = useWorld();
const { agent, token } = useAgent();

const login = { username: "alice", password: "correct horse" };
const secrets = {
  "prod/acme": login,
  "prod/db": { reader: login, writer: { username: "bob", password: "x" } },
  "prod/app": { id: "app", keys: { main: "correct horse" } },
  "prod/mail": "correct horse",
};
const basicHeader = `Basic ${btoa("alice:correct horse")}`;

/** For each example: what to look at afterwards, and what that is. */
const runs: [look: string, seen: string][] = [
  ['headers.get("authorization")', basicHeader],
  [
    "(await Promise.all([database, renamed, password, before].map((p) => p.get()))).map((c) => [c.type, c.username ?? c.clientId]).join()",
    "password,alice,client-secret,app,password,mailer,password,ann",
  ],
  ["credential.username", "alice"],
  ['headers.get("authorization") ', basicHeader],
];

test.each(runs)("README example %$ runs as printed: %s", async (look, seen) => {
  for (const [name, value] of Object.entries(secrets)) {
    if (name === "prod/acme") await world().create({ ...login, username: "ann" }, name);
    else await world().create(value, name);
  }
  await world().put("prod/acme", login);
  agent().store("CreateSecret", { Name: "prod/acme", SecretString: JSON.stringify(login) });
  const [, code = ""] = examples[runs.findIndex(([own]) => own === look)] ?? [];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=src",
      "--no-warnings",
      "--input-type=module-typescript",
      `--eval=${code}\nconsole.log(${look});`,
    ],
    {
      cwd: folder,
      env: {
        ...world().env,
        PATH: process.env["PATH"],
        AWS_TOKEN: token.value,
        PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: `${agent().port}`,
      },
    },
  );
  expect(stdout).toBe(`${seen}\n`);
});

test("every README example is run", () => {
  expect(examples).toHaveLength(runs.length);
});

test("the size it states is that of what it brings", () => {
  const found = new Map<string, number>();
  const bytesIn = (place: string): number =>
    readdirSync(place, { withFileTypes: true }).reduce((sum, entry) => {
      if (entry.name === "node_modules") return sum;
      const path = join(place, entry.name);
      return sum + (entry.isDirectory() ? bytesIn(path) : statSync(path).size);
    }, 0);
  const visit = (name: string, from: string): void => {
    const paths = createRequire(from).resolve.paths(name) ?? [];
    const place = paths
      .map((path) => join(path, name))
      .find((path) => statSync(path, { throwIfNoEntry: false }));
    if (!place) throw new Error(`${name} is not installed`);
    const real = realpathSync(place);
    if (found.has(real)) return;
    found.set(real, bytesIn(real));
    const manifest = join(real, "package.json");
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, "utf8")) as {
      dependencies?: Record<string, string>;
    };
    for (const each of Object.keys(dependencies)) visit(each, manifest);
  };
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const others = Object.keys(dependencies).filter((name) => name !== "@auth/core");
  expect(others).toEqual(["@aws-sdk/client-secrets-manager"]);
  for (const name of others) visit(name, new URL("package.json", folder).pathname);

  const [, count, megabytes] = /(\d+) packages, ([\d.]+) MB of files/.exec(page) ?? [];
  const bytes = [...found.values()].reduce((sum, each) => sum + each, 0);
  expect([found.size, (bytes / 1e6).toFixed(1)]).toEqual([Number(count), megabytes]);
});
