import type { IncomingMessage } from "node:http";
import type { Answer, TokenBook } from "./token-book.ts";

/** A request as it came in. It holds what the client sent, secrets too. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Who may log in. */
export interface Accounts {
  /** Client id → secret; an empty secret makes a public client. */
  readonly clients: ReadonlyMap<string, string>;
  /** User name → password. */
  readonly users: ReadonlyMap<string, string>;
}

const unform = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

/** RFC 6749 §2.3.1: Basic with form-encoded parts, or in the body, not both. */
function clientOf(
  request: ReceivedRequest,
  form: URLSearchParams,
  { clients }: Accounts,
): string | undefined {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  let id = form.get("client_id") ?? "";
  let secret = form.get("client_secret") ?? "";
  if (basic) {
    const [, user = "", password = ""] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(basic, "base64").toString()) ?? [];
    try {
      [id, secret] = [unform(user), unform(password)];
    } catch {
      return undefined;
    }
  }
  return clients.has(id) && clients.get(id) === secret ? id : undefined;
}

/** The form of a request that may go on, or the error to answer with. */
function readForm(
  request: ReceivedRequest,
  accounts: Accounts,
): { readonly form: URLSearchParams; readonly clientId: string } | { readonly error: string } {
  const type = request.headers["content-type"] ?? "";
  if (request.method !== "POST" || !/^application\/x-www-form-urlencoded(?:;|$)/i.test(type))
    return { error: "invalid_request" };
  const form = new URLSearchParams(request.body);
  if (new Set(form.keys()).size !== form.size) return { error: "invalid_request" }; // RFC 6749 §3.2: none twice
  if (request.headers.authorization && form.has("client_secret")) return { error: "invalid_request" };
  const clientId = clientOf(request, form, accounts);
  return clientId === undefined ? { error: "invalid_client" } : { form, clientId };
}

/** RFC 6749 §4.3, §4.4, §6. */
export function answerToken(request: ReceivedRequest, accounts: Accounts, book: TokenBook): Answer {
  const read = readForm(request, accounts);
  if ("error" in read) return read;
  const { form, clientId } = read;
  const scope = form.get("scope") || undefined;
  switch (form.get("grant_type")) {
    case null:
      return { error: "invalid_request" };
    case "client_credentials":
      if (accounts.clients.get(clientId) === "") return { error: "unauthorized_client" };
      book.counts.clientCredentials++;
      return book.client(clientId, scope ?? "");
    case "password": {
      const [username, password] = [form.get("username"), form.get("password")];
      if (username === null || password === null) return { error: "invalid_request" };
      if (accounts.users.get(username) !== password) return { error: "invalid_grant" };
      book.counts.passwords++;
      return book.login(clientId, scope ?? "");
    }
    case "refresh_token": {
      const token = form.get("refresh_token");
      return token ? book.refresh(clientId, token, scope) : { error: "invalid_request" };
    }
    default:
      return { error: "unsupported_grant_type" };
  }
}

/** RFC 7009 §2: 200 for a token it never saw, too. */
export function answerRevocation(request: ReceivedRequest, accounts: Accounts, book: TokenBook): Answer {
  const read = readForm(request, accounts);
  if ("error" in read) return read;
  book.revoke(read.clientId, read.form.get("token") ?? "");
  return {};
}
