import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultProxy, fakeClock, faultProxy, type ProxyMode } from "../src/index.ts";

let server: Server;
let served = 0;

beforeAll(async () => {
  server = createServer((_, response) => {
    served++;
    response.end("0123456789".repeat(10));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => server.close());

const start = (options?: Parameters<typeof faultProxy>[1]): Promise<FaultProxy> =>
  faultProxy((server.address() as { port: number }).port, options);

const ask = async (proxy: FaultProxy, signal?: AbortSignal): Promise<string> =>
  (await fetch(proxy.origin, signal ? { signal } : {})).text();

const body = "0123456789".repeat(10);

describe("faultProxy", () => {
  test.each<ProxyMode>(["pass", "byte-by-byte", { cutAfter: 1e6 }])(
    "%o: the answer arrives whole",
    async (mode) => {
      await using proxy = await start();
      proxy.mode(mode);
      expect(await ask(proxy)).toBe(body);
    },
  );

  test.each<[ProxyMode, boolean]>([
    ["reset", false],
    ["close", false],
    ["garbage", false],
    [{ cutAfter: 5 }, true],
    [{ cutAfter: 190 }, true],
  ])("%o: the call fails; the server saw it: %s", async (mode, seen) => {
    await using proxy = await start();
    proxy.mode(mode);
    const before = served;
    await expect(ask(proxy)).rejects.toThrow();
    expect(served - before).toBe(seen ? 1 : 0);
    proxy.mode("pass");
    expect(await ask(proxy)).toBe(body);
  });

  test.each<[ProxyMode, boolean]>([
    ["black-hole", false],
    ["swallow-answer", true],
  ])("%s: no answer; the server saw it: %s", async (mode, seen) => {
    await using proxy = await start();
    proxy.mode(mode);
    const arrived = once(server, "request");
    const patience = new AbortController();
    const answer = ask(proxy, patience.signal);
    answer.catch(() => {});
    if (seen) await arrived;
    else while (proxy.connections === 0) await new Promise(setImmediate);
    patience.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
  });

  test("a delay goes by the proxy's clock, both ways", async () => {
    const clock = fakeClock();
    await using proxy = await start({ clock });
    proxy.mode({ delayMs: 1000 });
    const answer = ask(proxy);
    await clock.sleeping();
    await clock.advance(1000);
    await clock.sleeping();
    await clock.advance(1000);
    expect(await answer).toBe(body);
  });

  test("a change of mode ends the connections there are", async () => {
    await using proxy = await start();
    const socket = connect(proxy.port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
    while (proxy.connections === 0) await new Promise(setImmediate);
    proxy.mode("pass");
    await closed;
    expect(await ask(proxy)).toBe(body);
  });

  test("a dead server is a reset connection", async () => {
    await using proxy = await faultProxy(1);
    await expect(ask(proxy)).rejects.toThrow();
  });
});
