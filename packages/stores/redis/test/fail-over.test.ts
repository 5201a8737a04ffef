import { afterAll, beforeAll, expect, test } from "vitest";
import { redisStore } from "../src/index.ts";
import { type Client, connect } from "./support/connect.ts";
import { type RedisPair, redisPair } from "./support/redis-pair.ts";
import { describeReal, eventually, failing, held } from "./support/world.ts";

/** What core builds on: a state that has gone back is told from every state that has ever been. */
describeReal("SEC-53 a server that goes back", () => {
  let pair: RedisPair;
  let client: Client;
  beforeAll(async () => {
    pair = await redisPair();
    client = await connect(pair);
  });
  afterAll(async () => {
    client?.destroy();
    await pair?.close();
  });
  const open = () => redisStore({ client }) as Parameters<typeof held>[0];

  test("to the state before the last write: no comparison with what is gone succeeds, nor does a mark come twice", async () => {
    const store = open();
    const old = await store.write("a", "old", undefined);
    await pair.part();
    const gone = await store.write("a", "gone", old);
    expect(await store.read("a")).toEqual({ value: "gone", generation: gone });
    await pair.failOver();

    expect(await store.read("a")).toEqual({ value: "old", generation: old });
    expect(await store.write("a", "more", gone)).toBeUndefined();
    expect(await store.delete("a", gone)).toBe(false);
    // Whoever knows better writes it back, from what is there now; under a new mark, though it is the same text.
    const back = await store.write("a", "gone", old);
    expect(back).toBeTypeOf("string");
    expect([old, gone]).not.toContain(back);
    expect(await store.read("a")).toEqual({ value: "gone", generation: back });
  });

  test("to nothing: what is absent is absent, and is written by whoever expects that", async () => {
    const store = open();
    const generation = await store.write("b", "kept", undefined);
    await client.flushAll();
    expect(await store.read("b")).toBeUndefined();
    expect(await store.write("b", "more", generation)).toBeUndefined();
    expect(await store.delete("b", generation)).toBe(false);
    const again = await store.write("b", "kept", undefined);
    expect(again).toBeTypeOf("string");
    expect(again).not.toBe(generation);
  });

  test("SEC-78 the lock has gone with it: who has sent nothing learns of it before it sends, and who has sent keeps it", async () => {
    await pair.part();
    const quiet = await held(open());
    await pair.failOver();
    expect(await failing(quiet.lease.sent())).toMatchObject({ reason: "lock-lost" });
    await quiet.release();

    await pair.part();
    const store = redisStore({ client, heartbeatMs: 20, staleMs: 2_000 }) as Parameters<typeof held>[0];
    const sent = await held(store, true);
    await pair.failOver();
    await eventually(
      () => client.keys("*:lock"),
      (locks) => locks.length === 1,
    );
    expect(await failing(open().withLock("key", async () => "mine", { waitMs: 0 }))).toMatchObject({
      reason: "lock-timeout",
      message: expect.stringContaining(`process ${process.pid} on`),
    });
    expect(sent.lease.signal.aborted).toBe(false);
    await sent.release();
  });
});
