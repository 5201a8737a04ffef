import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const programs = ["redis-server", "valkey-server"];
const program = programs.find((name) => spawnSync(name, ["--version"]).status === 0);

/** False where no server is installed. With AUTH_IT=require it is never false, so that the tests fail instead of being skipped. */
export const redisThere: boolean = program !== undefined || process.env["AUTH_IT"] === "require";
if (!redisThere)
  console.warn(`SKIPPED: no test ran against a real server, as ${programs.join(" or ")} is not installed.`);

/** A server of our own, on a socket in a folder of its own. */
export interface RedisServer extends AsyncDisposable {
  readonly socket: string;
  /** Stops or continues it, or ends it as it stands. */
  signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Starts it again with what it has kept on its disk. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function redisServer(...options: string[]): Promise<RedisServer> {
  if (!program) throw new Error(`install redis-server: none of ${programs.join(", ")} is there`);
  const directory = await mkdtemp(join(tmpdir(), "auth-redis-"));
  const socket = join(directory, "socket");
  let child: ChildProcess | undefined;
  const end = (): void => void child?.kill("SIGKILL");

  async function start(): Promise<void> {
    const args = ["--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "", ...options];
    child = spawn(program as string, args, { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      lines.push(line);
      if (!/eady to accept connections/.test(line)) continue;
      child.stdout?.resume();
      return;
    }
    throw new Error(`${program} did not start:\n${lines.join("\n")}`);
  }

  async function signal(name: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = name === "SIGKILL" ? once(child, "exit") : undefined;
    child.kill(name);
    await gone;
  }

  async function close(): Promise<void> {
    process.off("exit", end);
    await signal("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  }

  process.on("exit", end);
  await start();
  return { socket, signal, start, close, [Symbol.asyncDispose]: close };
}
