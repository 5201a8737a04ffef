import type { IncomingHttpHeaders } from "node:http";
import { parseJson } from "@auth/core/payload";
import { named, type SecretValue } from "./transport.ts";

export interface AgentAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The agent answers like `GetSecretValue`; what it cannot do it says with a status, and in AWS's words if they were AWS's. */
export function parseAgentAnswer({ status, headers, text }: AgentAnswer): SecretValue {
  if (status !== 200) throw refusal({ status, headers, text });
  let answer: Record<string, unknown>;
  try {
    answer = Object(parseJson(text)) as Record<string, unknown>;
  } catch {
    throw named("MalformedResponse");
  }
  const part = (key: string): unknown =>
    Object.hasOwn(answer, key) ? (answer[key] ?? undefined) : undefined;
  const [string, binary, versionId] = ["SecretString", "SecretBinary", "VersionId"].map(part);
  const good = [string, binary, versionId].every((each) => each === undefined || typeof each === "string");
  const packed = typeof binary === "string" && !/^[A-Za-z0-9+/]*={0,2}$/.test(binary);
  if (!good || packed || (string === undefined && binary === undefined)) throw named("MalformedResponse");
  return {
    text: string as string | undefined,
    bytes: typeof binary === "string" ? Buffer.from(binary, "base64") : undefined,
    versionId: versionId as string | undefined,
  };
}

/** An error in the SDK's shape. Its message only decides what kind it is, so it need not be taken out of its quotes. */
function refusal({ status, headers, text }: AgentAnswer): Error {
  const [, type] = /"__type"\s*:\s*"(?:[\w.]{1,100}#)?([A-Za-z]{1,64})"/.exec(text) ?? [];
  return Object.assign(new Error(text.slice(0, 2_000)), {
    name: type ?? ownKind(status, text),
    $metadata: { httpStatusCode: status },
    $response: { headers },
  });
}

/** What the agent says by itself, and what other programs say that listen at its port. */
function ownKind(status: number, text: string): string {
  if (status === 401 || status === 403) return "AgentTokenRejected";
  if (status === 503 || /not ready/i.test(text)) return "AgentNotReady";
  return status === 429 || status >= 500 || (status >= 300 && status < 400) ? "" : "MalformedResponse";
}
