import { createClient } from "redis";
import type { RedisServer } from "./redis-server.ts";

export type Client = ReturnType<typeof createClient>;

/** A client as an app makes it: it comes back by itself, and its complaints are heard. */
export async function connect(
  { socket }: Pick<RedisServer, "socket">,
  options: Partial<Parameters<typeof createClient>[0]> = {},
): Promise<Client> {
  const client = createClient({
    socket: { path: socket, reconnectStrategy: 10 } as never,
    ...options,
  }) as Client;
  client.on("error", () => {});
  await client.connect();
  return client;
}
