import { createHttp, type Http, type HttpOptions } from "@auth/oauth/http";

export interface JamfProOptions extends HttpOptions {
  /** `jamf.example`, or its address with scheme and port. Without a scheme it is `https`. */
  readonly server: string;
}

/** What all requests to one server share. Throws `TypeError` for a `server` that is no address. */
export function openServer(options: JamfProOptions): Http {
  if (typeof options !== "object" || options === null)
    throw new TypeError('jamf-pro: expected options, such as { server: "jamf.example" }');
  const { server, timeoutMs = 15_000 } = options;
  if (typeof server !== "string" || !server.trim()) throw new TypeError("jamf-pro: server is missing");
  return createHttp("jamf-pro", withScheme(server), { ...options, timeoutMs, option: "server" });
}

/** A bare host is meant to be reached safely. */
export function withScheme(server: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(server) ? server : `https://${server}`;
}
