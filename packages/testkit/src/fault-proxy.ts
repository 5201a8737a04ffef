import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setImmediate as macrotask } from "node:timers/promises";
import { type Clock, systemClock } from "@auth/core";

/**
 * What happens to a connection.
 *
 * - `pass`: nothing. `reset`: it is reset at once. `close`: it is closed at once.
 * - `black-hole`: accepted, never read. `garbage`: answered with bytes that are no protocol.
 * - `swallow-answer`: the request arrives, the answer does not.
 * - `byte-by-byte`: the answer comes in packets of one byte. `{ cutAfter }`: it is reset after so many bytes of the answer.
 * - `{ delayMs }`: everything takes that much longer, both ways, by the proxy's clock.
 */
export type ProxyMode =
  | "pass"
  | "reset"
  | "close"
  | "black-hole"
  | "garbage"
  | "swallow-answer"
  | "byte-by-byte"
  | { readonly cutAfter: number }
  | { readonly delayMs: number };

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  /** From now on. Ends the connections there are: a kept one would go on in the old mode. */
  mode(mode: ProxyMode): void;
  /** Connections accepted so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * A TCP proxy on loopback in front of a real server, with network faults to switch on while it runs. It knows nothing of
 * HTTP, so it goes in front of anything.
 *
 * @example
 * ```ts
 * await using proxy = await faultProxy(Number(new URL(server.issuer).port));
 * proxy.mode("swallow-answer");
 * ```
 */
export async function faultProxy(
  targetPort: number,
  { clock = systemClock }: { readonly clock?: Pick<Clock, "sleep"> } = {},
): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let mode: ProxyMode = "pass";
  let connections = 0;

  const track = (socket: Socket, partner?: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      partner?.destroy();
    });
  };

  const server = createServer((caller) => {
    connections++;
    if (mode === "black-hole") {
      track(caller);
      caller.pause();
    } else if (mode === "reset") {
      caller.resetAndDestroy();
    } else if (mode === "close") {
      track(caller);
      caller.end();
    } else if (mode === "garbage") {
      track(caller);
      caller.end(Buffer.of(0x15, 0x03, 0x01, 0x00, 0xff, 0x0a));
    } else {
      const target = connect(targetPort, "127.0.0.1");
      track(caller, target);
      track(target);
      target.on("error", () => caller.resetAndDestroy());
      void pump(caller, target, mode, false);
      void pump(target, caller, mode, true);
    }
  });

  async function pump(from: Socket, to: Socket, how: ProxyMode, isAnswer: boolean): Promise<void> {
    let left =
      typeof how === "object" && "cutAfter" in how && isAnswer ? how.cutAfter : Number.POSITIVE_INFINITY;
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (isAnswer && how === "swallow-answer") continue;
        if (typeof how === "object" && "delayMs" in how) await clock.sleep(how.delayMs);
        const slice = how === "byte-by-byte" && isAnswer ? 1 : chunk.length;
        for (let at = 0; at < chunk.length && left > 0; at += slice) {
          const part = chunk.subarray(at, at + Math.min(slice, left));
          left -= part.length;
          if (!to.write(part)) await once(to, "drain");
          if (slice === 1) await macrotask();
        }
        if (left <= 0) return void to.resetAndDestroy();
      }
      if (!(isAnswer && how === "swallow-answer")) to.end();
    } catch {
      to.destroy(); // the other end has gone
    }
  }

  const drop = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const close = async (): Promise<void> => {
    drop();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };

  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    mode(next) {
      mode = next;
      drop();
    },
    get connections() {
      return connections;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
