import { networkCode } from "@auth/core/network";

/** Codes of Node (DNS, sockets, TLS handshakes, undici) and of Bun. */
const code =
  /^(?:ENOTFOUND|EAI_\w+|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EPROTO|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_ALTNAME_INVALID|ERR_TLS_HANDSHAKE_TIMEOUT|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|\w+_ALERT_(?:HANDSHAKE_FAILURE|PROTOCOL_VERSION|UNRECOGNIZED_NAME))|CERT_\w+|UNABLE_TO_\w+|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|INVALID_CA|HOSTNAME_MISMATCH|ConnectionRefused|FailedToOpenSocket)$/;

/**
 * Whether `fetch` failed before the server can have seen the request. Where the runtime does not say, it may have: then
 * nothing that can be spent is sent again.
 */
export function neverArrived(cause: unknown): boolean {
  const facts = cause as { code?: unknown; syscall?: unknown } | null | undefined;
  if (facts?.syscall === "connect" || facts?.syscall === "getaddrinfo") return true;
  return [facts?.code, networkCode(cause)].some((each) => typeof each === "string" && code.test(each));
}
