import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { redisServer } from "../packages/stores/redis/test/support/redis-server.ts";
import type { StoreKind } from "./login.ts";

/** Where a race keeps its login, and what is to be found there afterwards. */
export interface Place extends AsyncDisposable {
  readonly path: string;
  /** Files wider than 0600, and what was left behind. */
  inspect(): Promise<{ readonly wide: number; readonly leftovers: readonly string[] }>;
}

export function openPlace(kind: StoreKind): Promise<Place> {
  return kind === "redis" ? openServer() : openFolder();
}

async function openFolder(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), "race-"));
  return {
    path: join(directory, "tokens.json"),
    async inspect() {
      const names = await readdir(directory);
      const modes = await Promise.all(
        names.map(async (name) => (await lstat(join(directory, name))).mode & 0o077),
      );
      const posix = process.platform !== "win32";
      return {
        wide: posix ? modes.filter((mode) => mode !== 0).length : 0,
        leftovers: names.filter((name) => name !== "tokens.json"),
      };
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

async function openServer(): Promise<Place> {
  const server = await redisServer();
  return {
    path: server.socket,
    async inspect() {
      const client = createClient({ socket: { path: server.socket } as never });
      await client.connect();
      const names = await client.keys("*");
      client.destroy();
      return { wide: 0, leftovers: names.filter((name) => !name.endsWith(":login")) };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
