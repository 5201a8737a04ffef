import { AuthError, type Clock } from "@auth/core";
import type { Connection } from "./redis-client.ts";
import { toAuthError } from "./to-auth-error.ts";

/** What an answer is for: it stands in messages. */
export interface Ask {
  readonly doing: string;
  /** Ends the wait, with its own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the store's. */
  readonly timeoutMs?: number;
}

/** A server that answers in time, or fails with one of our errors. */
export interface Server {
  readonly name: string;
  readonly clock: Clock;
  /** Runs a script with its keys. Its answer is a list of texts. */
  run(
    script: string,
    keys: readonly [string, ...string[]],
    args: readonly string[],
    ask: Ask,
  ): Promise<string[]>;
  /** The names of keys, some of them perhaps twice. `pattern` is a glob. */
  scan(pattern: string): AsyncIterable<string>;
}

export function createServer(
  { send, servers }: Connection,
  name: string,
  clock: Clock,
  commandTimeoutMs: number,
): Server {
  /** A client waits as long as its connection lives, and a stopped server keeps it: the limit is ours. */
  async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, ask: Ask): Promise<T> {
    const { doing, signal, timeoutMs = commandTimeoutMs } = ask;
    signal?.throwIfAborted();
    const over = new AbortController();
    const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    const tooLong = clock.sleep(timeoutMs, { signal: end }).then(() => {
      const text = `${name}: cannot ${doing}: no answer within ${timeoutMs} ms. Check the server and the network, then try again.`;
      throw new AuthError("ERR_AUTH_UNREACHABLE", "store-unavailable", text, { provider: name });
    });
    tooLong.catch(() => {}); // ended by `over`
    try {
      const answer = work(over.signal);
      answer.catch(() => {}); // it may come when nobody waits any more
      return await Promise.race([answer, tooLong]);
    } catch (thrown) {
      signal?.throwIfAborted();
      throw toAuthError(thrown, name, doing);
    } finally {
      over.abort();
    }
  }

  return {
    name,
    clock,
    async run(script, keys, args, ask) {
      const answer = await inTime(
        async (signal) => send(keys[0], ["EVAL", script, `${keys.length}`, ...keys, ...args], signal),
        ask,
      );
      return texts(answer);
    },
    async *scan(pattern) {
      const ask = { doing: "list" };
      for (const sendTo of await inTime(servers, ask)) {
        let cursor = "0";
        do {
          const command = ["SCAN", cursor, "MATCH", pattern, "COUNT", "500"];
          const [next, found] = (await inTime(async (signal) => sendTo(command, signal), ask)) as unknown[];
          yield* texts(found);
          cursor = text(next);
        } while (cursor !== "0");
      }
    },
  };
}

/** A client may be set to give bytes instead of texts. */
function text(reply: unknown): string {
  return reply instanceof Uint8Array ? new TextDecoder().decode(reply) : String(reply);
}

const texts = (reply: unknown): string[] => (Array.isArray(reply) ? reply.map(text) : []);
