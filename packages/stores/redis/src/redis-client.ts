/** A connection, or pool of connections, of npm `redis`. */
export interface NodeRedisClient {
  sendCommand(args: readonly string[], options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}

/** A cluster of npm `redis`. */
export interface NodeRedisCluster {
  readonly masters: readonly object[];
  nodeClient(node: never): NodeRedisClient | Promise<NodeRedisClient>;
  sendCommand(
    firstKey: string,
    isReadonly: boolean,
    args: string[],
    options?: { abortSignal?: AbortSignal },
  ): Promise<unknown>;
}

/** A connection of npm `ioredis`. */
export interface IORedisClient {
  readonly options?: { readonly keyPrefix?: string | undefined };
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** A cluster of npm `ioredis`. */
export interface IORedisCluster extends IORedisClient {
  nodes(role: "master"): readonly IORedisClient[];
}

/** What an app may hand in, connected and with its own handler of errors. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | IORedisClient | IORedisCluster;

/** Sends one command. Whoever takes the abort to heart forgets a command that has not left yet. */
export type Send = (args: string[], signal: AbortSignal) => Promise<unknown>;

/** What this package needs of any client. */
export interface Connection {
  /** To the server that has `key`, which is to be one that takes writes. */
  readonly send: (key: string, args: string[], signal: AbortSignal) => Promise<unknown>;
  /** To each server that takes writes: for what is not about one key. */
  readonly servers: () => Promise<Send[]>;
}

/** Throws `TypeError` for what is no client of a kind that is known. */
export function connectionOf(client: RedisClient): Connection {
  const has = (method: string): boolean => typeof Object(client)[method] === "function";
  if (has("call")) return ofIORedis(client as IORedisClient | IORedisCluster);
  if (has("nodeClient")) return ofNodeRedisCluster(client as NodeRedisCluster);
  // A sentinel client takes other arguments, and would take ours for something else.
  if (has("sendCommand") && !has("getSentinelNode")) return ofNodeRedis(client as NodeRedisClient);
  throw new TypeError('redisStore: client must be a client or cluster of npm "redis" or "ioredis"');
}

function ofNodeRedis(client: NodeRedisClient): Connection {
  const send: Send = (args, abortSignal) => client.sendCommand(args, { abortSignal });
  return { send: (_, args, signal) => send(args, signal), servers: async () => [send] };
}

function ofNodeRedisCluster(cluster: NodeRedisCluster): Connection {
  return {
    send: (key, args, abortSignal) => cluster.sendCommand(key, false, args, { abortSignal }),
    servers: () =>
      Promise.all(
        cluster.masters.map(async (node): Promise<Send> => {
          const client = await cluster.nodeClient(node as never);
          return (args, abortSignal) => client.sendCommand(args, { abortSignal });
        }),
      ),
  };
}

function ofIORedis(client: IORedisClient | IORedisCluster): Connection {
  if (client.options?.keyPrefix)
    throw new TypeError("redisStore: leave keyPrefix of ioredis alone, and use the option prefix instead");
  const sendTo =
    (node: IORedisClient): Send =>
    ([command = "", ...args]) =>
      node.call(command, ...args);
  return {
    send: (_, args, signal) => sendTo(client)(args, signal),
    servers: async () => ("nodes" in client ? client.nodes("master") : [client]).map(sendTo),
  };
}
