import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "rolldown";
import { type AuthorizationServer, authorizationServer } from "../../demo/stage/authorization-server.ts";
import { keyringThere, startKeyring } from "../../packages/sources/keychain/test/support/keyring.ts";
import { root } from "../packages.ts";
import { CommandFailed, run } from "../run.ts";
import { table } from "../table.ts";
import { newest, node } from "./nodes.ts";
import type { Part } from "./part.ts";
import { denoFlags, installTools } from "./runtimes.ts";

/** One way to ship an app: as it is, or as one file. */
interface Way {
  readonly name: string;
  /** One file alone cannot ask the keychain; with the package beside it, or the module in it, it does. */
  readonly keychain: "refuses" | "keeps";
  /** Makes it in an empty folder; resolves to the command that starts it. `undefined`: the tool cannot be had here. */
  readonly make: (folder: string) => Promise<readonly [program: string, ...args: string[]] | undefined>;
}

/**
 * Starts test-apps/bundles as it is, and makes one file of it by every usual way: an app with `@auth/oauth`,
 * `@auth/token-file`, `@auth/fetch` and `@auth/keychain` as they were installed in the folder of an app. Each is started
 * twice, elsewhere, against a real authorization server: it logs in once and keeps the login, or refuses to with a reason, and
 * nothing is in plain text where a keychain was asked for.
 */
export async function proveBundles(folder: string, tools: string, app: string): Promise<Part> {
  cpSync(join(root, "test-apps/bundles"), join(app, "bundles"), { recursive: true });
  const ways = await waysFrom(app, tools);
  const results = new Map<Way, Result>();
  const queue = [...ways];
  const worker = async (): Promise<void> => {
    for (let way = queue.shift(); way; way = queue.shift()) results.set(way, await proveWay(way, folder));
  };
  await Promise.all([worker(), worker()]);
  const rows = ways.map((way) => [way.name, ...(results.get(way)?.cells ?? [])]);
  return {
    report: table(["an app", "login in a token file", "login in the keychain"], rows),
    problems: ways.flatMap(
      (way) => results.get(way)?.problems.map((what) => `an app, ${way.name}: ${what}`) ?? [],
    ),
  };
}

interface Result {
  readonly cells: string[];
  readonly problems: string[];
}

async function proveWay(way: Way, folder: string): Promise<Result> {
  const required = process.env["AUTH_IT"] === "require";
  const place = join(folder, way.name.replaceAll(/\W+/g, "-"));
  mkdirSync(place, { recursive: true });
  try {
    const command = await way.make(place);
    if (!command)
      return { cells: ["SKIPPED"], problems: required ? ["the tool for it cannot be had here"] : [] };
    const inFile = await tryOut(place, command, "token-file");
    const problems = [...(inFile.outcome === "kept" ? [] : [inFile.said]), ...inFile.problems];
    if (way.keychain === "keeps" && !keyringThere) return { cells: [inFile.outcome, "SKIPPED"], problems };
    const inKeychain = await tryOut(place, command, "keychain");
    const wanted = way.keychain === "keeps" ? "kept" : "ERR_AUTH_UNAVAILABLE/no-backend";
    problems.push(...(inKeychain.outcome === wanted ? [] : [inKeychain.said]), ...inKeychain.problems);
    return { cells: [inFile.outcome, inKeychain.outcome], problems };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { cells: ["FAILED"], problems: [error.message] };
  } finally {
    rmSync(place, { recursive: true, force: true }); // executables are large
  }
}

async function waysFrom(app: string, tools: string): Promise<Way[]> {
  const { bun, deno, esbuild } = await installTools(tools);
  const entry = (name: "plain" | "with-client"): string => join(app, "bundles", `${name}.ts`);
  /** What is left out of a bundle has to be beside it. */
  const beside = (folder: string): void =>
    symlinkSync(join(app, "node_modules"), join(folder, "node_modules"));

  const byRolldown = (format: "esm" | "cjs") => async (folder: string) => {
    const file = join(folder, format === "esm" ? "app.mjs" : "app.cjs");
    const output = { file, format, codeSplitting: false } as const;
    await build({ input: entry("plain"), platform: "node", logLevel: "silent", output });
    return [process.execPath, file] as const;
  };
  const byEsbuild =
    (format: "esm" | "cjs", from: "plain" | "with-client", left?: string) => async (folder: string) => {
      if (!esbuild) return undefined;
      const file = join(folder, format === "esm" ? "app.mjs" : "app.cjs");
      const flags = [
        "--bundle",
        "--platform=node",
        `--format=${format}`,
        `--outfile=${file}`,
        "--log-level=error",
      ];
      await run(esbuild, [entry(from), ...flags, ...(left ? [`--external:${left}`] : [])], { cwd: app });
      if (left) beside(folder);
      return [process.execPath, file] as const;
    };
  const byBun = (from: "plain" | "with-client") => async (folder: string) => {
    if (!bun) return undefined;
    const file = join(folder, "app");
    await run(bun, ["build", "--compile", entry(from), "--outfile", file], { cwd: app });
    return [file] as const;
  };
  const byNode = async (folder: string) => {
    const { path } = await node(newest);
    if (!path) return undefined;
    const [, main] = await byRolldown("cjs")(folder);
    const config = { main, output: join(folder, "app"), disableExperimentalSEAWarning: true };
    writeFileSync(join(folder, "sea.json"), JSON.stringify(config));
    await run(path, ["--build-sea", "sea.json"], { cwd: folder });
    rmSync(main);
    return [config.output] as const;
  };

  const asItIs =
    (program: string | undefined, ...flags: string[]) =>
    async () =>
      program ? ([program, ...flags, entry("plain")] as const) : undefined;

  return [
    { name: "as it is, Node", keychain: "keeps", make: asItIs(process.execPath, "--no-warnings") },
    { name: "as it is, Bun", keychain: "keeps", make: asItIs(bun, "run") },
    {
      name: "as it is, Deno",
      keychain: "keeps",
      make: asItIs(deno, "run", ...denoFlags, "--no-check", "--allow-all"),
    },
    { name: "rolldown, ES module", keychain: "refuses", make: byRolldown("esm") },
    { name: "rolldown, CommonJS", keychain: "refuses", make: byRolldown("cjs") },
    { name: "esbuild, CommonJS", keychain: "refuses", make: byEsbuild("cjs", "plain") },
    { name: "bun build --compile", keychain: "refuses", make: byBun("plain") },
    { name: "node --build-sea", keychain: "refuses", make: byNode },
    {
      name: "esbuild, @auth/keychain left out",
      keychain: "keeps",
      make: byEsbuild("esm", "plain", "@auth/keychain"),
    },
    {
      name: "esbuild, ES module with `client`",
      keychain: "keeps",
      make: byEsbuild("esm", "with-client", "@napi-rs/keyring"),
    },
    {
      name: "esbuild, CommonJS with `client`",
      keychain: "keeps",
      make: byEsbuild("cjs", "with-client", "@napi-rs/keyring"),
    },
    { name: "bun build --compile with `client`", keychain: "keeps", make: byBun("with-client") },
  ];
}

interface Trial {
  /** "kept", or the code and reason of the refusal. */
  readonly outcome: string;
  readonly said: string;
  readonly problems: string[];
}

/** Starts an app twice, in a home of its own, and looks at what it did and what it left behind. */
async function tryOut(
  place: string,
  [program, ...args]: readonly [string, ...string[]],
  store: "token-file" | "keychain",
): Promise<Trial> {
  await using server = await authorizationServer();
  server.lifetime = 3_600;
  await using api = await startApi(server);
  await using keyring = store === "keychain" && keyringThere ? await startKeyring() : undefined;
  const home = join(place, `home-${store}`);
  mkdirSync(home);
  const refreshToken = await server.logIn("alice", "with-auth");
  const env = {
    PATH: process.env["PATH"],
    ...keyring?.env,
    HOME: home,
    TMPDIR: place, // Bun unpacks native modules there, and leaves them
    ISSUER: server.issuer,
    API: api.origin,
    STORE: store,
    PLACE: join(home, "state"),
    ACME_CLIENT_ID: "with-auth",
    ACME_REFRESH_TOKEN: refreshToken,
  };
  const said: string[] = [];
  for (let start = 0; start < 2; start++)
    said.push((await run(program, args, { cwd: home, env, timeoutMs: 30_000 })).trim());

  const [first = "", second = ""] = said;
  const [refusal] = /^ERR_AUTH_\w+\/[\w-]+/.exec(first) ?? [];
  const kept = first === "200 with-auth" && second === first && server.tokenRequests === 1;
  const secrets = [refreshToken, ...server.secrets];
  const problems: string[] = [];
  if (api.starts !== 2) problems.push(`it was started twice, and ran ${api.starts} times: it starts itself`);
  if (refusal && (second !== first || server.tokenRequests !== 0))
    problems.push("it refuses, after it has spent the refresh token or only now and then");
  if (store === "keychain")
    for (const folder of [home, ...(keyring ? [keyring.env["HOME"] ?? ""] : [])])
      problems.push(...plainIn(folder, secrets).map((file) => `${file} holds a secret in plain text`));
  else if (kept && plainIn(home, secrets).length === 0)
    problems.push("the search for secrets does not find those of a token file");
  return { outcome: kept ? "kept" : (refusal ?? "failed"), said: `${store}: ${first} / ${second}`, problems };
}

/** The files below a folder that hold one of the secrets as it is. */
export function plainIn(folder: string, secrets: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const content = readFileSync(file);
      return secrets.some((secret) => content.includes(secret));
    });
}

interface Api extends AsyncDisposable {
  readonly origin: string;
  /** How often the app has begun. */
  readonly starts: number;
}

/** Takes the tokens of the server, and counts the starts of the app. */
async function startApi(server: AuthorizationServer): Promise<Api> {
  let starts = 0;
  const http = createServer((request, response) => {
    if (request.url === "/starts") {
      starts++;
      return void response.end();
    }
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    void server
      .holder(token)
      .then((holder) => response.writeHead(holder ? 200 : 401).end(holder ?? "nobody"));
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get starts() {
      return starts;
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
