import { execFile } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, startApi } from "../stage/api.ts";
import { type AuthorizationServer, authorizationServer } from "../stage/authorization-server.ts";

const demo = dirname(import.meta.dirname);
const root = dirname(demo);
const readme = readFileSync(join(root, "README.md"), "utf8");
const [tenLines = "", aChain = "", aToken = ""] = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(
  ([, code = ""]) => code,
);
const home = mkdtempSync(join(tmpdir(), "readme-"));
let server: AuthorizationServer;
let api: Api;

beforeAll(async () => {
  server = await authorizationServer();
  api = await startApi(server);
});
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await api[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Runs a program as it is printed; this folder depends on every package that it imports. */
async function run(code: string, env: Record<string, string>): Promise<string> {
  const args = ["--conditions=src", "--no-warnings", "--input-type=module-typescript", "--eval", code];
  const places = { HOME: home, LOCALAPPDATA: home, USERPROFILE: home };
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: demo,
    env: { ...places, ...env },
  });
  return stdout;
}

test("the first example has ten lines, and runs as printed; the second run asks for no token", async () => {
  expect(tenLines.split("\n").filter((line) => line !== "")).toHaveLength(10);
  const env = {
    ACME_ISSUER: server.issuer,
    ACME_API: api.origin,
    ACME_CLIENT_ID: server.service.id,
    ACME_CLIENT_SECRET: server.service.secret,
  };
  for (const _ of ["first", "second"])
    expect(await run(tenLines, env)).toBe("{ client: 'order-service', orders: [ 1047, 1048 ] }\n");
  expect(server.tokenRequests).toBe(1);
  expect(api.tokens(server.service.id)).toBe(1);
});

test("the chain runs as printed, and tells why a place has nothing", async () => {
  const output = await run(aChain, { ACME_CLIENT_ID: "acme", ACME_CLIENT_SECRET: "canary" });
  expect(output).toMatch(/provider: 'env ACME_\*',[^}]+winner: true/);
  expect(output).toMatch(/provider: 'file [^}]+reason: 'no-file'/);
  expect(output).not.toContain("canary");
});

test("the token that one already has runs as printed", async () => {
  const output = await run(`${aToken}\nconsole.log(headers.get("authorization"));`, {
    ACME_TOKEN: "the-token",
  });
  expect(output).toBe("Bearer the-token\n");
});

test("the commands name the pnpm of this repository", () => {
  const { packageManager, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const commands = [...readme.matchAll(/npx -y (pnpm@\S+) (\S+)/g)];
  expect(new Set(commands.map(([, pnpm]) => pnpm))).toEqual(new Set([packageManager]));
  const named = [...readme.matchAll(/pnpm(?:@\S+)? ([a-z][\w:]+)/g)].map(([, command]) => command);
  expect(["install", ...Object.keys(scripts)]).toEqual(expect.arrayContaining([...new Set(named)]));
});

test("the table has every package, and what it brings", () => {
  const rows = [...readme.matchAll(/^\| \[`(.+?)`\]\((.+?)\/README\.md\) \| .+? \| (.+) \|$/gm)];
  const inTable = Object.fromEntries(
    rows.map(([, name = "", folder, brings = ""]) => [name, { folder, brings }]),
  );
  const manifests = globSync("packages/{*,*/*}/package.json", { cwd: root }).map((path) => ({
    folder: dirname(path).replaceAll("\\", "/"),
    ...(JSON.parse(readFileSync(join(root, path), "utf8")) as { name: string; dependencies?: object }),
  }));
  expect(Object.keys(inTable).sort()).toEqual(manifests.map(({ name }) => name).sort());
  for (const { name, folder, dependencies = {} } of manifests) {
    expect(inTable[name]?.folder).toBe(folder);
    const brings = inTable[name]?.brings ?? "";
    const own = name.split("/")[0] as string;
    const foreign = Object.keys(dependencies).filter((dependency) => !dependency.startsWith(`${own}/`));
    if (brings === "nothing") expect(foreign).toEqual([]);
    const listed = [...brings.matchAll(/`(.+?)`/g)].map(([, pattern = ""]) => pattern.replace("*", ""));
    if (listed.length > 0)
      for (const dependency of foreign)
        expect(listed.some((start) => dependency.startsWith(start))).toBe(true);
  }
});

test("every link leads somewhere", () => {
  const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: root }), "packages/core/README.md"];
  const dead = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = ""]) => target);
    return targets
      .filter((target) => !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`);
  });
  expect(dead).toEqual([]);
});

test.each(["docs/errors.md", "docs/writing-a-source.md"])("the examples of %s run", async (page) => {
  const text = readFileSync(join(root, page), "utf8");
  const examples = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(await run(example, {})).not.toContain("Error");
});
