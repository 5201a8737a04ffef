import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
