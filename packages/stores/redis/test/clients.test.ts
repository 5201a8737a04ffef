import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { TokenStore } from "@auth/core";
import { Cluster, Redis } from "ioredis";
import { createClientPool, createCluster, RESP_TYPES } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { type RedisClient, redisStore } from "../src/index.ts";
import { connect } from "./support/connect.ts";
import { redisServer } from "./support/redis-server.ts";
import { describeReal, eventually, failing, realServer, unavailable } from "./support/world.ts";

/** All that a store can do, by this client; then the client is still good. */
async function works(client: RedisClient): Promise<void> {
  const store = redisStore({ client, prefix: "glob[*]?\\:" }) as Required<TokenStore>;
  const keys = Array.from({ length: 20 }, (_, at) => `${at} ${randomBytes(4).toString("hex")}`);
  await Promise.all(keys.map((key) => store.write(key, `ключ ${key}`, undefined)));
  for (const key of keys) expect((await store.read(key))?.value).toBe(`ключ ${key}`);
  const found: string[] = [];
  for await (const key of store.keys()) found.push(key);
  expect(found.sort()).toEqual(keys.sort());
  await store.prepare("key");
  const work = async ({ sent }: { sent?: () => Promise<void> }): Promise<string> => {
    await sent?.();
    return "done";
  };
  expect(await store.withLock("key", work)).toBe("done");
  for (const key of keys) expect(await store.delete(key)).toBe(true);
  await store[Symbol.asyncDispose]?.();
  expect(await store.read("key")).toBeUndefined();
}

async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    if (port < 55_536) return port; // the cluster's own port is 10000 higher
  }
}

describeReal("clients", () => {
  const real = realServer();

  test("of redis, by RESP2, by RESP3, giving bytes, in a pool", async () => {
    await works(await real.open({ RESP: 2 }));
    await works(await real.open({ RESP: 3 }));
    const client = await real.open();
    await works(client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }) as never);
    const pool = createClientPool({ socket: { path: real.server.socket } as never });
    pool.on("error", () => {});
    await pool.connect();
    await works(pool as never);
    pool.destroy();
  });

  test("of ioredis, which also may be away", async () => {
    const client = new Redis(real.server.socket, { maxRetriesPerRequest: 0, retryStrategy: () => null });
    client.on("error", () => {});
    onTestFinished(() => client.disconnect());
    await works(client);
    client.disconnect();
    expect(await failing(redisStore({ client }).read("key"))).toMatchObject(unavailable);
  });
});

describeReal("clusters", { timeout: 30_000 }, () => {
  test("of both: the keys of a login share a slot, and all servers are searched", async () => {
    const port = await freePort();
    await using server = await redisServer(
      "--port",
      `${port}`,
      "--bind",
      "127.0.0.1",
      "--cluster-announce-ip",
      "127.0.0.1",
      "--cluster-enabled",
      "yes",
    );
    const admin = await connect(server);
    await admin.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    await eventually(
      () => admin.sendCommand<string>(["CLUSTER", "INFO"]),
      (info) => info.includes("cluster_state:ok"),
      100_000,
    );
    const cluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
    cluster.on("error", () => {});
    await cluster.connect();
    await works(cluster as never);
    const io = new Cluster([{ host: "127.0.0.1", port }]);
    await works(io);
    // A client that knows nothing of clusters works as long as one server has all slots.
    await works(admin);
    for (const each of [cluster, admin]) each.destroy();
    io.disconnect();
  });
});
