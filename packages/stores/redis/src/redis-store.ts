import { createHash } from "node:crypto";
import { AuthError, type Clock, type Stored, systemClock, type TokenStore } from "@auth/core";
import { createSealer, type EncryptionOptions } from "./create-sealer.ts";
import { createServer } from "./create-server.ts";
import { checkTime, type LockOptions, lockLimits } from "./lock-limits.ts";
import { connectionOf, type RedisClient } from "./redis-client.ts";
import { withRedisLock } from "./redis-lock.ts";
import * as scripts from "./scripts.ts";

export interface RedisStoreOptions extends LockOptions {
  /**
   * A client or cluster of npm `redis` or `ioredis`, connected, with a handler of its `error` events. It stays yours: nothing here
   * closes it.
   */
  readonly client: RedisClient;
  /** What the names of all keys begin with: printable ASCII without blanks and braces. Default `auth:`. */
  readonly prefix?: string | undefined;
  /** Encrypts what is kept. Default: it is kept as it is. */
  readonly encryption?: EncryptionOptions | undefined;
  /** How long one command may take, in ms. Default 5000. */
  readonly commandTimeoutMs?: number | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** One login, in bytes of its text; sealed it is longer by a third and 28 bytes. */
const maxBytes = 1_048_576;

/**
 * Keeps token sets in Redis 5 or later, or Valkey, for all machines that reach it: compared before they are written, with a lock
 * for each login that frees itself when its holder dies.
 *
 * Errors: `ERR_AUTH_UNREACHABLE/store-unavailable`, `/save-failed`, `/lock-timeout`, `/lock-lost`;
 * `ERR_AUTH_DENIED/permission-denied`; `ERR_AUTH_INVALID/store-corrupted`, `/secret-too-large`. What each asks for is in its message.
 *
 * A write that expects nothing (`undefined`) where something unreadable lies replaces it: so does a login. Any other write or
 * read of it fails and changes nothing.
 *
 * @example
 * ```ts
 * const client = await createClient({ url }).on("error", report).connect();
 * const auth = createAuth({ grant, store: redisStore({ client, prefix: "acme:" }), name: "nightly" });
 * ```
 */
export function redisStore(options: RedisStoreOptions): TokenStore {
  if (typeof options !== "object" || options === null)
    throw new TypeError(
      'redisStore: it takes an object of options, such as redisStore({ client, prefix: "acme:" })',
    );
  const { client, prefix = "auth:", encryption, commandTimeoutMs = 5_000, clock = systemClock } = options;
  if (typeof prefix !== "string" || !/^[!-z|~]{1,64}$/.test(prefix))
    throw new TypeError(
      "redisStore: prefix must be 1 to 64 printable ASCII characters without blanks and braces",
    );
  checkTime("commandTimeoutMs", commandTimeoutMs);
  const limits = lockLimits(options);
  const name = `redis ${prefix}`;
  const server = createServer(connectionOf(client), name, clock, commandTimeoutMs);
  const sealer = encryption && createSealer(encryption);

  /** Keys of one login share a slot by what is in braces. A login's name may be of any text, and somebody's address. */
  const place = (key: string, part: "login" | "lock" | "waiting" | "probe"): string =>
    `${prefix}{${createHash("sha256").update(key).digest("base64url")}}:${part}`;

  const invalid = (reason: string, problem: string): AuthError =>
    new AuthError("ERR_AUTH_INVALID", reason, `${name}: ${problem}`, { provider: name });

  /** What is there, decrypted. `problem`: why it is of no use. */
  async function look(
    key: string,
  ): Promise<{ generation: string; value: string; problem?: string } | undefined> {
    const login = place(key, "login");
    const args = [`${2 * maxBytes}`];
    const [status, generation = "", , field, text = ""] = await server.run(scripts.read, [login], args, {
      doing: "read",
    });
    if (status === "absent") return undefined;
    const damaged = (problem: string): { generation: string; value: string; problem: string } => ({
      generation,
      value: "",
      problem,
    });
    if (status !== "found") return damaged("what is stored is no login. Log in again.");
    const sealed = field === "sealed";
    if (!sealer && sealed) return damaged("the login is encrypted. Give its key as `encryption`.");
    if (!sealer) return { generation, value: text };
    if (!sealed)
      return damaged(
        "the login is not encrypted, and might be anybody's. Log in again, or leave out `encryption`.",
      );
    const value = await sealer.open(text, login);
    return value === undefined
      ? damaged("the login was encrypted with another key, or tampered with. Check the key, or log in again.")
      : { generation, value };
  }

  return {
    name,
    async read(key): Promise<Stored | undefined> {
      const found = await look(key);
      if (found?.problem !== undefined) throw invalid("store-corrupted", found.problem);
      return found;
    },
    async write(key, value, expected) {
      if (Buffer.byteLength(value) > maxBytes)
        throw invalid(
          "secret-too-large",
          "the login is larger than 1 MiB. Ask the server for smaller tokens.",
        );
      const login = place(key, "login");
      const generation = crypto.randomUUID();
      const content = sealer ? ["sealed", await sealer.seal(value, login)] : ["value", value];
      const swap = async (present: string): Promise<boolean> => {
        const args = [present, generation, key, ...content];
        const [answer] = await server.run(scripts.write, [login], args, { doing: "save" });
        return answer === "written";
      };
      if (await swap(expected ?? "")) return generation;
      if (expected !== undefined) return undefined;
      const found = await look(key);
      return found?.problem !== undefined && (await swap(found.generation)) ? generation : undefined;
    },
    async delete(key, expected = "") {
      const login = place(key, "login");
      return (await server.run(scripts.remove, [login], [expected], { doing: "delete" }))[0] === "deleted";
    },
    async prepare(key) {
      await server.run(scripts.probe, [place(key, "probe")], [], { doing: "save" });
    },
    async *keys() {
      const seen = new Set<string>();
      for await (const login of server.scan(`${prefix.replace(/[\\*?[\]]/g, "\\$&")}{*}:login`)) {
        if (seen.has(login)) continue;
        seen.add(login);
        const [, , key] = await server.run(scripts.read, [login], ["0"], { doing: "list" });
        if (key) yield key;
      }
    },
    withLock: (key, work, wait) =>
      withRedisLock(server, [place(key, "lock"), place(key, "waiting")], limits, work, wait),
  };
}
