import { faultProxy, type TokenServer, tokenServer } from "@auth/testkit";
import { type Desk, scopes } from "./contender.ts";

/** A token server of one's own, as far away for everybody. */
export interface Loopback extends AsyncDisposable {
  readonly server: TokenServer;
  /** Where it is reached with the delay. */
  readonly desk: Desk;
}

/** `latencyMs`: how long an answer takes, both ways together. */
export async function loopback(latencyMs: number): Promise<Loopback> {
  const server = await tokenServer();
  const proxy = await faultProxy(Number(new URL(server.issuer).port));
  proxy.mode({ delayMs: latencyMs / 2 });
  const { id: clientId, secret: clientSecret } = server.client;
  return {
    server,
    desk: {
      issuer: proxy.origin,
      tokenEndpoint: `${proxy.origin}/token`,
      clientId,
      clientSecret,
      refreshToken: server.seedRefreshToken({ scope: scopes.join(" ") }),
      fetch,
    },
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await server.close();
    },
  };
}
