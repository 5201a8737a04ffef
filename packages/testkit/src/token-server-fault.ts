import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * What goes wrong.
 *
 * Before the request is processed:
 * - `reset`: the connection is reset. `hang`: no answer, ever.
 * - `hold`: no answer until the fault is switched off; then the request is processed as usual.
 * - `html`, `malformed-json`, `not-an-object`, `not-utf-8`, `huge` (2 MiB): a 200 with such a body.
 * - `redirect`: a 307 to another origin.
 * - `{ status, retryAfter?, body? }`: that status. `{ error, status? }`: a refusal of RFC 6749 §5.2, status 400 by default.
 *
 * After it was processed, so that a rotated refresh token is spent:
 * - `lost-answer`: the connection is reset instead. `cut-answer`: after half of the body.
 * - `slow-headers`, `trickle`: one byte of the headers, or of the body, every 20 ms; it never ends.
 * - `{ fields }`: these fields in place of the right ones; `undefined` leaves one out.
 *
 * `refused` closes the listening port, for all endpoints.
 */
export type TokenServerFault =
  | "refused"
  | "reset"
  | "hang"
  | "hold"
  | "html"
  | "malformed-json"
  | "not-an-object"
  | "not-utf-8"
  | "huge"
  | "redirect"
  | "lost-answer"
  | "cut-answer"
  | "slow-headers"
  | "trickle"
  | { readonly status: number; readonly retryAfter?: number | string; readonly body?: string }
  | { readonly error: string; readonly status?: number; readonly description?: string }
  | { readonly fields: Readonly<Record<string, unknown>> };

/** An answer as it would go out. */
export interface Outgoing {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const json = { "content-type": "application/json", "cache-control": "no-store", pragma: "no-cache" };

export function jsonAnswer(status: number, body: object, headers: Record<string, string> = {}): Outgoing {
  return { status, headers: { ...json, ...headers }, body: JSON.stringify(body) };
}

/** What replaces the processing of a request; undefined if the fault comes after it, or there is none. */
export function faultBefore(fault: TokenServerFault | undefined): Outgoing | "reset" | "hang" | undefined {
  if (typeof fault === "object") {
    if ("error" in fault) {
      const { error, status = 400, description } = fault;
      return jsonAnswer(status, { error, ...(description && { error_description: description }) });
    }
    if (!("status" in fault)) return undefined;
    const { status, retryAfter, body = "" } = fault;
    const headers = retryAfter === undefined ? {} : { "retry-after": `${retryAfter}` };
    return { status, headers, body };
  }
  switch (fault) {
    case "reset":
    case "hang":
      return fault;
    case "html":
      return {
        status: 200,
        headers: { "content-type": "text/html" },
        body: "<html>Sign in to the Wi-Fi</html>",
      };
    case "malformed-json":
      return { status: 200, headers: json, body: '{"access_token":"' };
    case "not-an-object":
      return { status: 200, headers: json, body: '["access_token"]' };
    case "not-utf-8":
      return { status: 200, headers: json, body: Buffer.from('{"access_token":"\xff\xfe"}', "latin1") };
    case "huge":
      return { status: 200, headers: json, body: `{"access_token":"${"x".repeat(2 * 1024 * 1024)}"}` };
    case "redirect":
      return { status: 307, headers: { location: "https://elsewhere.example/token" }, body: "" };
    default:
      return undefined;
  }
}

/** The answer with the fault's fields in it. */
export function withFields(answer: object, fault: TokenServerFault | undefined): object {
  return typeof fault === "object" && "fields" in fault ? { ...answer, ...fault.fields } : answer;
}

/** Sends an answer the way the fault wants it sent. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers = {}, body }: Outgoing,
  fault: TokenServerFault | undefined,
): void {
  const bytes = Buffer.from(body);
  const { socket } = request;
  if (fault === "lost-answer") {
    socket.resetAndDestroy();
  } else if (fault === "slow-headers") {
    drip(socket, Buffer.from(`HTTP/1.1 200 OK\r\nx-slow: ${"x".repeat(4096)}`));
  } else if (fault === "trickle") {
    socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 65536\r\n\r\n");
    drip(socket, Buffer.from(bytes.toString().padEnd(65_536)));
  } else if (fault === "cut-answer") {
    response.writeHead(status, { ...headers, "content-length": bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => socket.resetAndDestroy());
  } else {
    response.writeHead(status, { ...headers, "content-length": bytes.length }).end(bytes);
  }
}

function drip(socket: IncomingMessage["socket"], bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    if (at < bytes.length) socket.write(bytes.subarray(at, ++at));
  }, 20);
  socket.on("close", () => clearInterval(timer));
}
