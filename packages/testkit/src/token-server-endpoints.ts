import type { TokenBook } from "./token-book.ts";
import { jsonAnswer, type Outgoing, type TokenServerFault, withFields } from "./token-server-fault.ts";
import {
  type Accounts,
  answerRevocation,
  answerToken,
  type ReceivedRequest,
} from "./token-server-requests.ts";

/** The endpoints that a fault can be limited to. */
export type TokenServerEndpoint = "token" | "revocation" | "discovery" | "resource";

/** All that an answer is made from. */
export interface Desk extends Accounts {
  readonly book: TokenBook;
  readonly metadata: object;
}

/** RFC 8414 §2. */
export function metadataOf(issuer: string): { token_endpoint: string; revocation_endpoint: string } {
  const metadata = {
    issuer,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    response_types_supported: [],
    grant_types_supported: ["client_credentials", "password", "refresh_token"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
  };
  return metadata;
}

export function endpointOf(path: string): TokenServerEndpoint | undefined {
  if (path === "/token") return "token";
  if (path === "/revoke") return "revocation";
  if (path === "/resource") return "resource";
  if (/^\/\.well-known\/(?:openid-configuration|oauth-authorization-server)$/.test(path)) return "discovery";
  return undefined;
}

/** What a request gets if nothing goes wrong, but for the fields that a fault puts in place of the right ones. */
export function answerAt(
  endpoint: TokenServerEndpoint,
  request: ReceivedRequest,
  desk: Desk,
  fault: TokenServerFault | undefined,
): Outgoing {
  const { book, metadata } = desk;
  const { counts } = book;
  switch (endpoint) {
    case "token": {
      const answer = answerToken(request, desk, book);
      if (answer.error === undefined) return jsonAnswer(200, withFields(answer, fault));
      counts.refusals++;
      return refusal(answer);
    }
    case "revocation": {
      counts.revocations++;
      const answer = answerRevocation(request, desk, book);
      return answer.error === undefined ? { status: 200, body: "" } : refusal(answer);
    }
    case "discovery":
      counts.discoveries++;
      return jsonAnswer(200, withFields(metadata, fault));
    case "resource": {
      counts.resources++;
      const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
      if (book.accepts(token)) return jsonAnswer(200, withFields({ ok: true }, fault));
      counts.unauthorized++;
      const challenge = token ? 'Bearer error="invalid_token"' : "Bearer"; // RFC 6750 §3
      return jsonAnswer(401, { error: "invalid_token" }, { "www-authenticate": challenge });
    }
  }
}

/** RFC 6749 §5.2. */
function refusal(answer: { readonly error?: string }): Outgoing {
  return answer.error === "invalid_client"
    ? jsonAnswer(401, answer, { "www-authenticate": 'Basic realm="token"' })
    : jsonAnswer(400, answer);
}
