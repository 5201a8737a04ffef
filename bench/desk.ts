import { setTimeout as sleep } from "node:timers/promises";
import type { Desk } from "./contender.ts";

/** What the token endpoint answered (RFC 6749 §5.1). */
export interface Answer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token?: string;
}

/** Answers in this process, and counts: what is timed is a library, not a server. */
export interface MemoryDesk extends Desk {
  readonly requests: number;
}

export function memoryDesk({ latencyMs = 0 }: { readonly latencyMs?: number } = {}): MemoryDesk {
  let requests = 0;
  return {
    issuer: "https://idp.example",
    tokenEndpoint: "https://idp.example/token",
    clientId: "bench",
    clientSecret: "secret",
    refreshToken: "refresh",
    get requests() {
      return requests;
    },
    fetch: async () => {
      const answer: Answer = { access_token: `token-${++requests}`, expires_in: 3_600 };
      if (latencyMs > 0) await sleep(latencyMs);
      return Response.json({ ...answer, token_type: "Bearer" });
    },
  };
}

/** The exchange itself, for libraries that leave it to their caller. */
export async function exchange({ tokenEndpoint, clientId, clientSecret, fetch }: Desk): Promise<Answer> {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  });
  const response = await fetch(tokenEndpoint, { method: "POST", body });
  if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
  return (await response.json()) as Answer;
}
