import { getEventListeners, once } from "node:events";
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { type Clock, Secret } from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCredentials, type GrantOptions } from "../src/index.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { json, raw, type ScriptedServer, scriptedServer, silence, status, token } from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const secret = canary("client-secret");
const credential = {
  type: "client-secret",
  clientId: "app",
  clientSecret: new Secret(secret.value),
} as const;
const at = (tokenEndpoint: string, more: Partial<GrantOptions> = {}) =>
  clientCredentials({ issuer: "https://idp.example", tokenEndpoint, ...more });

describe("SEC-29 an answer has an end", () => {
  const big = JSON.stringify({ access_token: "a", token_type: "bearer", pad: "x".repeat(2_000) });

  test("SEC-29 a body over the limit is given up while it streams, and the socket closed", async () => {
    await using endless = await scriptedServer((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void =>
        void (response.write("x".repeat(65_536)) ? setImmediate(more) : response.once("drain", more));
      more();
    });
    const error = await failure(at(endless.tokenEndpoint).exchange(credential, testContext()));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "response-too-large", retryable: false });
    await endless.hungUp;
    expect(endless.requests.length).toBe(1);
  });

  test("SEC-29 the limit counts what comes out of compression", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1_048_576, " "));
    expect(bomb.length).toBeLessThan(100_000);
    server.answer(raw(bomb, { "content-type": "application/json", "content-encoding": "gzip" }));
    const error = await failure(at(server.tokenEndpoint).exchange(credential, testContext()));
    expect(error).toMatchObject({ reason: "response-too-large" });
  });

  test.each([
    ["exactly", 0, true],
    ["one byte over", -1, false],
  ])("SEC-29 %s the limit", async (_, over, fine) => {
    server.answer(json(big));
    const grant = at(server.tokenEndpoint, { maxResponseBytes: big.length + over });
    const outcome = await grant.exchange(credential, testContext()).catch((error) => error.reason);
    expect(outcome === "response-too-large").toBe(!fine);
  });

  test("SEC-29 headers without end are an error, not a hang", async () => {
    const clock = hastyClock();
    server.answer((response) => response.writeHead(200, { "x-pad": "x".repeat(200_000) }).end());
    const grant = at(server.tokenEndpoint, { timeoutMs: 60_000 });
    expect(await failure(grant.exchange(credential, testContext({ clock })))).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
    });
  });
});

describe("SEC-29 time-outs", () => {
  const once1 = { attempts: { unknownOutcome: 1 }, timeoutMs: 10_000 };

  test("SEC-29 a server that never answers is given up after the time-out", async () => {
    const clock = fakeClock();
    await using mute = await scriptedServer(silence);
    const work = failure(at(mute.tokenEndpoint, once1).exchange(credential, testContext({ clock })));
    await clock.sleeping();
    await clock.advance(9_999);
    expect(clock.pending).toHaveLength(1);
    await clock.advance(1);
    expect(await work).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout", retryable: true });
    expect(clock.pending).toEqual([]);
  });

  test("SEC-29 a trickled body ends at the same time-out, and the socket is closed", async () => {
    const clock = fakeClock();
    const begun = Promise.withResolvers<void>();
    await using slow = await scriptedServer((response) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"access_');
      begun.resolve();
    });
    const work = failure(at(slow.tokenEndpoint, once1).exchange(credential, testContext({ clock })));
    await begun.promise;
    await clock.advance(10_000);
    expect(await work).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
    await slow.hungUp;
  });

  test("SEC-29 headers that never end, too", async () => {
    const clock = fakeClock();
    const sockets: Socket[] = [];
    const drip = createServer((socket) => {
      sockets.push(socket.on("error", () => {}));
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nx-slow: "));
    });
    await once(drip.listen(0, "127.0.0.1"), "listening");
    const { port } = drip.address() as { port: number };
    const work = failure(
      at(`http://127.0.0.1:${port}/t`, once1).exchange(credential, testContext({ clock })),
    );
    await clock.sleeping();
    await clock.advance(10_000);
    expect(await work).toMatchObject({ reason: "timeout" });
    for (const socket of sockets) socket.destroy();
    drip.close();
  });

  test("SEC-66 nothing is left behind: no timer, and no connection with an unread body", async () => {
    const clock = fakeClock();
    server.answer(token());
    await at(server.tokenEndpoint).exchange(credential, testContext({ clock }));
    expect(clock.pending).toEqual([]);

    await using wordy = await scriptedServer((response) => void response.writeHead(500).write("so sorry"));
    const { signal } = new AbortController();
    await failure(at(wordy.tokenEndpoint, once1).exchange(credential, testContext({ clock, signal })));
    await wordy.hungUp;
    expect(clock.pending).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("a `fetch` that ignores its signal is not waited for", async () => {
    const clock = fakeClock();
    const context = testContext({ clock, fetch: () => new Promise(() => {}) });
    const work = failure(at(server.tokenEndpoint, once1).exchange(credential, context));
    await clock.sleeping();
    await clock.advance(10_000);
    expect(await work).toMatchObject({ reason: "timeout" });
  });

  test.each([0, -1, 60_001, 1.5, Number.NaN])("SEC-29 timeoutMs %d is a TypeError", (timeoutMs) => {
    expect(() => at("https://idp.example/t", { timeoutMs })).toThrow(TypeError);
  });
});

describe("SEC-28 abort", () => {
  test("SEC-28 the signal's own reason comes back, before and during the request", async () => {
    const arrived = Promise.withResolvers<void>();
    await using mute = await scriptedServer(() => arrived.resolve());
    const reason = new Error("the user left");
    const before = testContext({ signal: AbortSignal.abort(reason) });
    expect(await failure(at(mute.tokenEndpoint).exchange(credential, before))).toBe(reason);
    expect(mute.requests).toEqual([]);

    const controller = new AbortController();
    const during = testContext({ signal: controller.signal });
    const work = failure(at(mute.tokenEndpoint).exchange(credential, during));
    await arrived.promise;
    controller.abort(reason);
    expect(await work).toBe(reason);
    await mute.hungUp;
  });

  test("SEC-28 and in the pause between two attempts", async () => {
    await using busy = await scriptedServer(status(503));
    const controller = new AbortController();
    const clock = fakeClock();
    const impatient: Clock = {
      ...clock,
      sleep(ms, options) {
        if (ms < 1_000) controller.abort("enough");
        return clock.sleep(ms, options);
      },
    };
    const context = testContext({ clock: impatient, signal: controller.signal });
    expect(await failure(at(busy.tokenEndpoint).exchange(credential, context))).toBe("enough");
    expect(busy.requests.length).toBe(1);
  });
});
