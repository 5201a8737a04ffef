import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Canary, canary } from "@auth/testkit";
import { afterAll, afterEach, beforeAll } from "vitest";
import { fromLocalAgent } from "../../src/local-agent.ts";
import { secretsManager } from "./secrets-manager.ts";

export interface AgentAnswer {
  readonly status: number;
  readonly body: string | Buffer;
}

export interface LocalAgent extends AsyncDisposable {
  readonly port: number;
  readonly token: string;
  /** The store behind it. */
  readonly store: ReturnType<typeof secretsManager>;
  /** What was asked of it, and how often it asked the store. */
  readonly seen: URLSearchParams[];
  reads(): number;
  /** The next answers, instead of its own. */
  fault(...faults: readonly AgentAnswer[]): void;
  /** Requests from now on are answered when this is over. */
  hold(until: Promise<unknown>): void;
}

/**
 * The Secrets Manager Agent in process: its token check, its refusal of forwarded requests, its cache with `refreshNow`,
 * and its two kinds of errors: its own as plain text, AWS's as JSON that it does not escape.
 */
export async function localAgent(token: string): Promise<LocalAgent> {
  const store = secretsManager();
  const cache = new Map<string, string>();
  const seen: URLSearchParams[] = [];
  let reads = 0;
  let faults: AgentAnswer[] = [];
  let gate: Promise<unknown> = Promise.resolve();

  function answer(query: URLSearchParams): AgentAnswer {
    seen.push(query);
    const fault = faults.shift();
    if (fault) return fault;
    const [SecretId, VersionId, VersionStage] = ["secretId", "versionId", "versionStage"].map(
      (name) => query.get(name) ?? undefined,
    );
    const key = [SecretId, VersionId, VersionStage].join(" ");
    try {
      const kept = query.get("refreshNow") === "true" ? undefined : cache.get(key);
      if (kept === undefined) {
        reads++;
        cache.set(key, JSON.stringify(store("GetSecretValue", { SecretId, VersionId, VersionStage })));
      }
      return { status: 200, body: cache.get(key) ?? "" };
    } catch (error) {
      const { name, message } = error as Error;
      return { status: 400, body: `{"__type":"${name}", "message":"${message}"}` };
    }
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await gate;
    const url = new URL(request.url ?? "/", "http://agent");
    const { status, body } =
      request.headers["x-forwarded-for"] !== undefined
        ? { status: 400, body: "Forwarded" }
        : request.headers["x-aws-parameters-secrets-token"] !== token
          ? { status: 403, body: "Bad Token" }
          : request.method !== "GET" || url.pathname !== "/secretsmanager/get"
            ? { status: 404, body: "Not found" }
            : answer(url.searchParams);
    response
      .on("error", () => {})
      .writeHead(status)
      .end(body);
  }

  const server = createServer((request, response) => void respond(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    token,
    store,
    seen,
    reads: () => reads,
    fault(...next) {
      faults = [...next];
    },
    hold(until) {
      gate = until;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An agent for the tests of a file, with the token that it wants to see. */
export function useAgent(): { agent: () => LocalAgent; token: Canary; from: typeof fromLocalAgent } {
  const token = canary("token");
  let agent: LocalAgent;
  beforeAll(async () => {
    agent = await localAgent(token.value);
  });
  afterEach(() => {
    agent.fault();
    agent.seen.length = 0;
  });
  afterAll(() => agent[Symbol.asyncDispose]());
  return {
    agent: () => agent,
    token,
    from: (options) => fromLocalAgent({ port: agent.port, env: { AWS_TOKEN: token.value }, ...options }),
  };
}

/** So often that it lasts. */
export const again = (one: AgentAnswer): AgentAnswer[] => Array.from({ length: 50 }, () => one);

/** AWS's refusal as the agent hands it on: in JSON, without escapes. */
export const refusal = (type: string, text = ""): AgentAnswer => ({
  status: 400,
  body: `{"__type":"${type}", "message":"it says "${text}" unescaped"}`,
});
