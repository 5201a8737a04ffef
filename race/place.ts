import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { redisPair } from "../packages/stores/redis/test/support/redis-pair.ts";
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

/** A Redis that fails over to one that has not heard of the last writes. */
export async function openRedisPair(): Promise<LossyPlace> {
  const pair = await redisPair();
  const admin = createClient({ socket: { path: pair.socket, reconnectStrategy: 5 } as never });
  admin.on("error", () => {}); // it comes back
  await admin.connect();
  return {
    kind: "redis",
    path: pair.socket,
    look: () => readServer(admin as never),
    remember: () => pair.part(),
    goBack: () => pair.failOver(),
    empty: async () => void (await admin.flushAll()),
    async [Symbol.asyncDispose]() {
      admin.destroy();
      await pair.close();
    },
  };
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
