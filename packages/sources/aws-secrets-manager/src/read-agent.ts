import { once } from "node:events";
import { type IncomingMessage, request as open } from "node:http";
import { agentToken } from "./agent-token.ts";
import type { AgentPlace } from "./agent-transport.ts";
import { limits } from "./limits.ts";
import { parseAgentAnswer } from "./parse-agent-answer.ts";
import { named, type SecretRequest, type SecretValue } from "./transport.ts";

/** One question to the agent, by http on this machine. */
export async function readAgent(
  { port, tokenFile, env = process.env }: AgentPlace,
  request: SecretRequest,
  { signal, fresh }: { readonly signal: AbortSignal; readonly fresh: boolean },
): Promise<SecretValue> {
  const token = await agentToken({ tokenFile, env });
  const outgoing = open({
    host: "localhost",
    port: port ?? portOf(env["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"]),
    path: pathOf(request, fresh),
    headers: { "X-Aws-Parameters-Secrets-Token": token, accept: "application/json" },
    // Not the global one: that may go through a proxy, which would see the token and the secret.
    agent: false,
    signal,
  });
  const [answer] = (await once(outgoing.end(), "response")) as [IncomingMessage];
  const { statusCode: status = 0, headers } = answer;
  return parseAgentAnswer({ status, headers, text: await textOf(answer) });
}

function pathOf({ secretId, versionId, versionStage }: SecretRequest, fresh: boolean): string {
  const query = new URLSearchParams({ secretId });
  if (versionId !== undefined) query.set("versionId", versionId);
  if (versionStage !== undefined) query.set("versionStage", versionStage);
  if (fresh) query.set("refreshNow", "true");
  return `/secretsmanager/get?${query.toString()}`;
}

function portOf(text: string | undefined): number {
  const port = Number(text?.trim() || 2773);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw named("AgentPortMalformed");
  return port;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of limits.atMost(answer) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
