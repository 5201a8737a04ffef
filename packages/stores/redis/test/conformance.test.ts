import { randomBytes } from "node:crypto";
import { Secret, type TokenStore } from "@auth/core";
import { testStore } from "@auth/testkit";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type RedisClient, redisStore } from "../src/index.ts";
import { type Client, connect } from "./support/connect.ts";
import { type RedisServer, redisServer, redisThere } from "./support/redis-server.ts";

const key = new Secret(randomBytes(32).toString("base64"));
let [server, one, another, io] = [] as unknown as [RedisServer, Client, Client, Redis];
beforeAll(async () => {
  if (!redisThere) return;
  server = await redisServer();
  [one, another, io] = [await connect(server), await connect(server), new Redis(server.socket)];
});
afterAll(async () => {
  one?.destroy();
  another?.destroy();
  io?.disconnect();
  await server?.close();
});

let stores = 0;
function kept(name: string, client: () => RedisClient, encrypted = false): void {
  const open = (from: RedisClient): TokenStore =>
    redisStore({ client: from, prefix: `${stores}:`, ...(encrypted && { encryption: { key } }) });
  const create = (): TokenStore => {
    stores++;
    return open(client());
  };
  const suite = { test, name, create, open: () => open(another) };
  testStore({ ...suite, describe: redisThere ? describe : describe.skip });
}
kept("redisStore", () => one);
kept("redisStore, encrypted", () => one, true);
kept("redisStore on ioredis", () => io);
