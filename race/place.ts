import { once } from "node:events";
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { type RedisServer, redisServer } from "../packages/stores/redis/test/support/redis-server.ts";
import { type Contents, readFolder, readServer } from "./contents.ts";
import type { StoreKind } from "./login.ts";

/** Where processes keep the login that they share. */
export interface Place extends AsyncDisposable {
  readonly kind: StoreKind;
  readonly path: string;
  look(): Promise<Contents>;
}

/** A place that can go back to an earlier state, as stores do. */
export interface LossyPlace extends Place {
  /** What is there now is what it will go back to. */
  remember(): Promise<void>;
  goBack(): Promise<void>;
  empty(): Promise<void>;
}

/** A folder of which a backup is restored, or whose file is deleted. */
export async function openLossyFolder(): Promise<LossyPlace> {
  const place = await openFolder();
  let backup: Buffer = Buffer.alloc(0);
  return {
    ...place,
    async remember() {
      backup = await readFile(place.path);
    },
    async goBack() {
      const restored = `${place.path}.restored`;
      await writeFile(restored, backup, { mode: 0o600 });
      await rename(restored, place.path);
    },
    empty: () => rm(place.path),
  };
}

/**
 * Two Redis, of which one follows the other at a distance. What the first has confirmed and the second has not heard of is gone
 * when the first dies and the second takes its place: that is what asynchronous replication promises.
 */
export async function openRedisPair(): Promise<LossyPlace> {
  const folder = await mkdtemp(join(tmpdir(), "race-pair-"));
  const path = join(folder, "socket");
  const start = async (): Promise<Follower> => {
    const port = await freePort();
    const more = ["--bind", "127.0.0.1", "--port", `${port}`, "--repl-diskless-sync-delay", "0"];
    return { port, server: await redisServer(...more) };
  };
  let first = await start();
  let second = await start();
  let following = false;

  async function tell({ server }: Follower, ...command: string[]): Promise<string> {
    const client = createClient({ socket: { path: server.socket } as never });
    await client.connect();
    try {
      return String(await client.sendCommand(command));
    } finally {
      client.destroy();
    }
  }
  /** Until the second has all that the first has. */
  async function follow(): Promise<void> {
    if (!following) await tell(second, "REPLICAOF", "127.0.0.1", `${first.port}`);
    following = true;
    const offset = (info: string, name: string): string | undefined =>
      new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1];
    for (;;) {
      const [ours, theirs] = await Promise.all([
        tell(first, "INFO", "replication"),
        tell(second, "INFO", "replication"),
      ]);
      const synced = /^master_link_status:up/m.test(theirs);
      if (synced && offset(ours, "master_repl_offset") === offset(theirs, "slave_repl_offset")) return;
      await sleep(5);
    }
  }
  /** A name is in its place, or another one; there is no time in which it is nowhere. */
  async function lead(): Promise<void> {
    await symlink(first.server.socket, `${path}.new`);
    await rename(`${path}.new`, path);
  }

  await lead();
  const admin = createClient({ socket: { path, reconnectStrategy: 5 } as never });
  admin.on("error", () => {}); // it comes back
  await admin.connect();
  return {
    kind: "redis",
    path,
    look: () => readServer(admin as never),
    async remember() {
      await follow();
      await tell(second, "REPLICAOF", "NO", "ONE");
      following = false;
    },
    async goBack() {
      [first, second] = [second, first];
      await lead();
      await second.server.signal("SIGKILL");
      await second.server.start();
      await admin.ping();
    },
    empty: async () => void (await tell(first, "FLUSHALL")),
    async [Symbol.asyncDispose]() {
      admin.destroy();
      await Promise.all([first.server.close(), second.server.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Follower {
  readonly port: number;
  readonly server: RedisServer;
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}

/** A Redis of our own, which things can be done to. */
export interface RedisPlace extends Place {
  readonly server: RedisServer;
  /** A client that looks at it from outside. */
  readonly admin: ReturnType<typeof createClient>;
}

export function openPlace(kind: StoreKind): Promise<Place> {
  return kind === "redis" ? openRedis() : openFolder();
}

/** `directory`: default a folder of its own, removed in the end. */
export async function openFolder(directory?: string): Promise<Place> {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), "race-")));
  return {
    kind: "token-file",
    path: join(folder, "tokens.json"),
    look: () => readFolder(folder, "tokens.json"),
    async [Symbol.asyncDispose]() {
      if (directory === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function openRedis(...options: string[]): Promise<RedisPlace> {
  const server = await redisServer(...options);
  const admin = createClient({ socket: { path: server.socket, reconnectStrategy: 5 } as never });
  admin.on("error", () => {}); // it comes back
  await admin.connect();
  return {
    kind: "redis",
    path: server.socket,
    server,
    admin: admin as never,
    look: () => readServer(admin as never),
    async [Symbol.asyncDispose]() {
      admin.destroy();
      await server.close();
    },
  };
}
