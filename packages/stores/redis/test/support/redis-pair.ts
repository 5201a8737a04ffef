import { once } from "node:events";
import { mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { type RedisServer, redisServer } from "./redis-server.ts";

/**
 * Two servers, of which the second follows the first at a distance. What the first has confirmed and the second has not heard of
 * is gone when the first dies and the second takes its place: that is what asynchronous replication promises.
 */
export interface RedisPair extends AsyncDisposable {
  /** Leads to the first. */
  readonly socket: string;
  /** The second has all that the first has, and hears of nothing more. */
  part(): Promise<void>;
  /** The first dies, and the second takes its place. */
  failOver(): Promise<void>;
  close(): Promise<void>;
}

interface Member {
  readonly port: number;
  readonly server: RedisServer;
}

export async function redisPair(): Promise<RedisPair> {
  const folder = await mkdtemp(join(tmpdir(), "auth-redis-pair-"));
  const socket = join(folder, "socket");
  let first = await start();
  let second = await start();

  /** The name is in its place at any time. */
  async function lead(): Promise<void> {
    await symlink(first.server.socket, `${socket}.new`);
    await rename(`${socket}.new`, socket);
  }

  async function part(): Promise<void> {
    await tell(second, "REPLICAOF", "127.0.0.1", `${first.port}`);
    for (;;) {
      const [ours, theirs] = await Promise.all(
        [first, second].map((each) => tell(each, "INFO", "replication")),
      );
      const there = /^slave_repl_offset:(\d+)/m.exec(theirs ?? "")?.[1];
      const synced = /^master_link_status:up/m.test(theirs ?? "");
      if (synced && /^master_repl_offset:(\d+)/m.exec(ours ?? "")?.[1] === there) break;
      await sleep(5);
    }
    await tell(second, "REPLICAOF", "NO", "ONE");
  }

  async function failOver(): Promise<void> {
    [first, second] = [second, first];
    await lead();
    await second.server.signal("SIGKILL");
    await second.server.start(); // with nothing
  }

  async function close(): Promise<void> {
    await Promise.all([first.server.close(), second.server.close()]);
    await rm(folder, { recursive: true, force: true });
  }

  await lead();
  return { socket, part, failOver, close, [Symbol.asyncDispose]: close };
}

/** Replication needs a port. */
async function start(): Promise<Member> {
  const port = await freePort();
  const options = ["--bind", "127.0.0.1", "--port", `${port}`, "--repl-diskless-sync-delay", "0"];
  return { port, server: await redisServer(...options) };
}

async function tell({ server }: Member, ...command: string[]): Promise<string> {
  const client = createClient({ socket: { path: server.socket } as never });
  await client.connect();
  try {
    const reply: unknown = await client.sendCommand(command);
    return typeof reply === "string" ? reply : "";
  } finally {
    client.destroy();
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}
