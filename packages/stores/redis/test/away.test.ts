import {
  AccessToken,
  createAuth,
  encodeRecord,
  type Grant,
  isAuthError,
  Secret,
  type TokenStore,
} from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { expect, test } from "vitest";
import { redisStore } from "../src/index.ts";
import { toAuthError } from "../src/to-auth-error.ts";
import { connect } from "./support/connect.ts";
import { redisServer } from "./support/redis-server.ts";
import { describeReal, failing, held, realServer, unavailable } from "./support/world.ts";

const never = async (): Promise<never> => expect.unreachable("the work runs without the lock");

/** Every act of a store. */
const acts: [string, (store: Required<Omit<TokenStore, symbol>>) => Promise<unknown>][] = [
  ["read", (store) => store.read("key")],
  ["write", (store) => store.write("new", "value", undefined)],
  ["delete", (store) => store.delete("key")],
  ["prepare", (store) => store.prepare("key")],
  ["keys", (store) => store.keys()[Symbol.asyncIterator]().next()],
  ["withLock", (store) => store.withLock("key", never)],
];

describeReal("SEC-57 a server that is away", () => {
  const real = realServer();

  test.each(acts)("stopped: %s ends by our own time limit, and works when it goes on", async (name, act) => {
    const clock = fakeClock();
    const store = await real.store({ clock });
    await real.server.signal("SIGSTOP");
    const startedAt = clock.monotonic();
    const outcome = failing(act(store));
    await clock.sleeping();
    await clock.advance(4_999);
    expect(clock.pending).toHaveLength(1);
    await clock.advance(1);
    expect(await outcome).toMatchObject({
      ...unavailable,
      message: expect.stringMatching(/no answer within 5000 ms/),
    });
    expect(clock.monotonic() - startedAt).toBe(5_000);
    await real.server.signal("SIGCONT");
    // A lock that was taken when nobody waited any more is free again.
    expect(await store.withLock("key", async () => name, { waitMs: 0 })).toBe(name);
    expect((await real.admin.keys("*")).filter((key) => !key.endsWith(":login"))).toEqual([]);
  });

  test("an abort ends the wait for it at once, with its own reason", async () => {
    const clock = fakeClock();
    const store = await real.store({ clock });
    await real.server.signal("SIGSTOP");
    const leaving = new AbortController();
    const outcome = failing(store.withLock("key", never, { signal: leaving.signal }));
    await clock.sleeping();
    const reason = { why: "the caller has left" };
    leaving.abort(reason);
    expect(await outcome).toBe(reason);
    await real.server.signal("SIGCONT");
  });

  test("is told apart from a lock that somebody has", async () => {
    const clock = fakeClock();
    const store = await real.store({ clock });
    const holder = await held(await real.store());
    expect(await failing(store.withLock("key", never, { waitMs: 0 }))).toMatchObject({
      reason: "lock-timeout",
    });
    await real.server.signal("SIGSTOP");
    const outcome = failing(store.withLock("key", never, { waitMs: 0 }));
    await clock.sleeping();
    await clock.advance(5_000);
    expect(await outcome).toMatchObject(unavailable);
    await real.server.signal("SIGCONT");
    await holder.release();
  });
});

describeReal("SEC-57 a server that was killed and started again", () => {
  test.each([
    ["with what was written to its disk", ["--appendonly", "yes", "--appendfsync", "always"], "kept"],
    ["with nothing, if it writes to no disk", [], undefined],
  ])("comes back %s", async (_, options, kept) => {
    await using server = await redisServer(...options);
    const clock = fakeClock();
    const client = await connect(server);
    const store = redisStore({ client, clock });
    const generation = await store.write("key", "kept", undefined);
    await server.signal("SIGKILL");
    // The client keeps commands until it is connected again: nobody waits for them then, so they are not to run.
    const read = failing(store.read("key"));
    const write = failing(store.write("key", "late", generation));
    await clock.sleeping(2);
    await clock.advance(5_000);
    expect(await read).toMatchObject(unavailable);
    expect(await write).toMatchObject(unavailable);
    await server.start();
    expect((await store.read("key"))?.value).toBe(kept);
    client.destroy();
  });

  test("a client that is closed", async () => {
    await using server = await redisServer();
    const client = await connect(server);
    client.destroy();
    for (const [, act] of acts) {
      const store = redisStore({ client }) as Parameters<typeof act>[0];
      expect(await failing(act(store))).toMatchObject(unavailable);
    }
  });
});

describeReal("SEC-57 a server that refuses", () => {
  const real = realServer();

  test("because it is a replica now: nothing is sent that would have to be written", async () => {
    const store = await real.store();
    await store.write("key", "value", undefined);
    await real.admin.replicaOf("127.0.0.1", 1);
    try {
      for (const [name, act] of acts.filter(([name]) => name !== "read" && name !== "keys"))
        expect(await failing(act(store)), name).toMatchObject({
          ...unavailable,
          message: expect.stringContaining("replica"),
        });
    } finally {
      await real.admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
    }
  });

  test("because it wants a password", async () => {
    await using server = await redisServer("--requirepass", "secret");
    const client = await connect(server, { password: "secret" });
    const store = redisStore({ client }) as Parameters<(typeof acts)[0][1]>[0];
    await client.sendCommand(["RESET"]); // it is nobody's connection from here on
    for (const [name, act] of acts)
      expect(await failing(act(store)), name).toMatchObject({
        code: "ERR_AUTH_DENIED",
        reason: "permission-denied",
        message: expect.stringContaining("password"),
      });
    client.destroy();
  });

  test("because this user may not: the message says what it has to be allowed", async () => {
    await real.admin.sendCommand(["ACL", "SETUSER", "narrow", "on", ">pw", "~other:*", "+@all"]);
    const client = await real.open({ username: "narrow", password: "pw" });
    expect(await failing(redisStore({ client }).read("key"))).toMatchObject({
      code: "ERR_AUTH_DENIED",
      message: expect.stringContaining("keys with this prefix"),
    });
    await real.admin.sendCommand(["ACL", "DELUSER", "narrow"]);
  });

  test("SEC-58 because its memory is full: nothing is begun, but what was begun is brought to its end", async () => {
    const store = await real.store();
    const generation = await store.write("key", "value", undefined);
    await real.admin.configSet("maxmemory", "1");
    try {
      const saveFailed = { code: "ERR_AUTH_UNREACHABLE", reason: "save-failed", retryable: true };
      expect(await failing(store.prepare("key"))).toMatchObject(saveFailed);
      expect(await store.write("key", "the only living refresh token", generation)).toBeTypeOf("string");
      expect((await store.read("key"))?.value).toBe("the only living refresh token");
      expect(await store.delete("key")).toBe(true);
    } finally {
      await real.admin.configSet("maxmemory", "0");
    }
  });
});

describeReal("SEC-57 an Auth whose store is away", () => {
  const real = realServer();

  /** Refreshes, and counts how often; `exchange` only if it may. */
  function grantOf(calls: string[], canExchange: boolean): Grant {
    const answer = (what: string) => async () => {
      calls.push(what);
      return { accessToken: new AccessToken(what, { expiresAt: new Date("2026-01-01T02:00:00Z") }) };
    };
    return {
      name: "example",
      interactive: !canExchange,
      partition: () => "example",
      exchange: answer("exchanged"),
      ...(!canExchange && { refresh: answer("refreshed") }),
    };
  }

  test("serves a token that is good, and spends no refresh token when it is not", async () => {
    const clock = fakeClock();
    const calls: string[] = [];
    const store = await real.store({ clock });
    const facts = { obtainedAt: new Date(clock.now()), expiresAt: new Date(clock.now() + 3_600_000) };
    const accessToken = new AccessToken("good", facts);
    const tokens = { accessToken, refreshToken: new Secret(canary("refresh").value) };
    await store.write("work", encodeRecord({ tokens, partition: "example" }), undefined);
    const auth = createAuth({ grant: grantOf(calls, false), store, name: "work", clock });
    expect((await auth.getToken()).reveal()).toBe("good");
    await real.server.signal("SIGSTOP");
    expect((await auth.getToken()).reveal()).toBe("good");
    await clock.advance(3_550_000); // a few seconds are left
    expect((await clock.until(auth.getToken())).reveal()).toBe("good");
    await clock.advance(60_000);
    expect(await clock.until(failing(auth.getToken()))).toMatchObject(unavailable);
    expect(calls).toEqual([]);
    await real.server.signal("SIGCONT");
    expect((await auth.getToken()).reveal()).toBe("refreshed");
    expect(calls).toEqual(["refreshed"]);
  });

  test("goes on from memory, with a warning, if its grant spends nothing", async () => {
    const clock = fakeClock();
    const calls: string[] = [];
    const events: unknown[] = [];
    const auth = createAuth({
      grant: grantOf(calls, true),
      store: await real.store({ clock }),
      clock,
      onEvent: ({ type, reason }) => events.push([type, reason]),
    });
    await real.server.signal("SIGSTOP");
    expect((await clock.until(auth.getToken())).reveal()).toBe("exchanged");
    expect(calls).toEqual(["exchanged"]);
    expect(events).toContainEqual(["warning", "store-unavailable"]);
    await real.server.signal("SIGCONT");
  });
});

test.each([
  [
    "READONLY You can't write against a read only replica. script: abc, on @user_script:1.",
    "store-unavailable",
  ],
  [
    "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -READONLY You can't write",
    "store-unavailable",
  ],
  ["MISCONF Redis is configured to save RDB snapshots, but it's currently unable to", "save-failed"],
  ["OOM command not allowed when used memory > 'maxmemory'.", "save-failed"],
  ["NOREPLICAS Not enough good replicas to write.", "save-failed"],
  ["LOADING Redis is loading the dataset in memory", "store-unavailable"],
  ["MOVED 3999 127.0.0.1:6381", "store-unavailable"],
  ["NOAUTH Authentication required.", "permission-denied"],
  ["WRONGTYPE Operation against a key holding the wrong kind of value", "store-corrupted"],
  ["ERR something READONLYish", "store-unavailable"],
])("SEC-4 what the server says is understood and not repeated: %s", (message, reason) => {
  const secret = canary("quoted");
  const error = toAuthError(new Error(`${message} ${secret.value}`), "redis auth:", "save");
  expect(isAuthError(error) && error.reason).toBe(reason);
  secret.check(error, error.cause);
});
