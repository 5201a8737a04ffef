/** Codes of Node (DNS, sockets, TLS handshakes, undici) and of Bun. */
const code =
  /^(?:ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_ALTNAME_INVALID|ERR_SSL_WRONG_VERSION_NUMBER|CERT_\w+|UNABLE_TO_\w+|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|ConnectionRefused|FailedToOpenSocket)$/;

/**
 * Whether `fetch` failed before the server can have seen the request. Where the runtime does not say, it may have: then
 * nothing that can be spent is sent a third time.
 */
export function neverArrived(cause: unknown): boolean {
  const facts = cause as { code?: unknown; syscall?: unknown } | null | undefined;
  if (facts?.syscall === "connect" || facts?.syscall === "getaddrinfo") return true;
  return typeof facts?.code === "string" && code.test(facts.code);
}
