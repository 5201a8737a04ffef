import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { listen, type Received, type Reply, type Server } from "./yamcs-server.ts";

export const parts: string = process.env["AUTH_PARTS"] || join(homedir(), ".cache", "auth-parts");
const home = process.env["JAVA_HOME"];
const java = home ? join(home, "bin", "java") : "java";
const libraries = join(parts, "yamcs", "server", "lib");

/** False where the server or Java is not installed. */
export const yamcsInstalled: boolean = existsSync(libraries) && spawnSync(java, ["-version"]).status === 0;
/** With AUTH_IT=require it is never false, so that the tests fail instead of being skipped. */
export const yamcsThere: boolean = yamcsInstalled || process.env["AUTH_IT"] === "require";

export interface RealYamcs extends AsyncDisposable {
  readonly url: string;
  /** All tokens are forgotten, users are not. */
  readonly restart: () => Promise<void>;
}

/** The server itself, on a free port, in a folder of its own; `admin` with password `admin` is its one user. */
export async function realYamcs({ lifetimeS = 500 }: { lifetimeS?: number } = {}): Promise<RealYamcs> {
  if (!yamcsInstalled)
    throw new Error("Yamcs is not installed; run scripts/parts/yamcs.sh (Java and Maven are needed)");
  const folder = mkdtempSync(join(tmpdir(), "yamcs-"));
  for (const name of ["etc", "data"]) mkdirSync(join(folder, name));
  const port = await freePort();
  const yaml = {
    services: [{ class: "org.yamcs.http.HttpServer", args: { port, address: "127.0.0.1" } }],
    dataDir: join(folder, "data"),
    secretKey: "of the tests",
  };
  // JSON is YAML.
  writeFileSync(join(folder, "etc", "yamcs.yaml"), JSON.stringify(yaml));
  writeFileSync(
    join(folder, "etc", "security.yaml"),
    JSON.stringify({ accessTokenLifespan: lifetimeS * 1_000 }),
  );
  let stop = await start(folder);
  return {
    url: `http://127.0.0.1:${port}`,
    async restart() {
      await stop();
      stop = await start(folder);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string): Promise<() => Promise<void>> {
  const child: ChildProcess = spawn(
    java,
    [
      "-Xmx256m",
      "-XX:TieredStopAtLevel=1",
      "-cp",
      join(libraries, "*"),
      "org.yamcs.YamcsServer",
      "--etc-dir",
      join(folder, "etc"),
      "--no-color",
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  const gone = once(child, "exit");
  const end = (): void => void child.kill("SIGKILL");
  process.on("exit", end);
  child.stdout?.resume();
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    lines.push(line);
    if (!line.includes("Yamcs started in")) continue;
    child.stderr?.resume();
    return async () => {
      process.off("exit", end);
      end();
      await gone;
    };
  }
  throw new Error(`Yamcs did not start:\n${lines.slice(-20).join("\n")}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

let clients = 0;

/** Stands in front of a server to see what it is asked. Each front is another client, as logins are limited for each. */
export function inFrontOf(url: string): Promise<Server> {
  const address = `10.0.${Math.floor(process.pid / 250) % 250}.${process.pid % 250}-${++clients}`;
  return listen(({ method, path, headers, body }: Received): Promise<Reply> => {
    const { connection: _, "content-length": __, ...passed } = headers;
    return new Promise((resolve, reject) => {
      const through = request(
        url + path,
        { method, headers: { ...passed, "x-forwarded-for": address } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const {
              connection: _,
              "transfer-encoding": __,
              "content-length": ___,
              ...shown
            } = response.headers;
            const body = Buffer.concat(chunks);
            resolve({ status: response.statusCode ?? 0, headers: shown as Record<string, string>, body });
          });
        },
      );
      through.on("error", reject);
      through.end(body);
    });
  });
}
