import { AuthError } from "@auth/core";
import { type Call, moved } from "./call.ts";

/** More than this many are a loop. */
export const maxRedirects = 5;

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What another origin may see. A list of what to hide could never be complete: every service names its key header differently. */
const harmless: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "pragma",
  "range",
  "user-agent",
]);

/** Whether this answer sends the caller elsewhere. A browser hides where to: `opaqueredirect`. */
export function isRedirect(response: Response): boolean {
  return (
    response.type === "opaqueredirect" || (statuses.has(response.status) && response.headers.has("location"))
  );
}

/**
 * The request that follows a redirect (SEC-25; method and body as in the fetch standard, §4.5). Errors: `ERR_AUTH_INVALID/redirect`.
 */
export function follow(name: string, call: Call, response: Response): Call {
  const { status } = response;
  const url = URL.parse(response.headers.get("location") ?? "", call.url.href);
  if (response.type === "opaqueredirect")
    throw refused(
      name,
      call,
      status,
      'this runtime does not say where to; ask for the final URL, or use redirect: "manual"',
    );
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw refused(name, call, status, "to something that is not a plain http(s) URL");

  const isRead = call.method === "GET" || call.method === "HEAD";
  const elsewhere = url.origin !== call.url.origin;
  if (elsewhere && call.url.protocol === "https:" && url.protocol === "http:")
    throw refused(name, call, status, `to ${url.origin}, which is not https`);
  if (elsewhere && !isRead)
    throw refused(name, call, status, `to ${url.origin}; only GET and HEAD go on to another origin`);

  const becomesGet = status === 303 ? !isRead : call.method === "POST" && (status === 301 || status === 302);
  if (!becomesGet && !call.repeatable)
    throw refused(name, call, status, "and the body is a stream, which cannot be sent a second time");
  const stays = (header: string): boolean =>
    (!elsewhere || harmless.has(header)) && !(becomesGet && header.startsWith("content-"));
  const headers = new Headers([...call.headers].filter(([header]) => stays(header)));
  return moved(call, url, { method: becomesGet ? "GET" : call.method, headers, body: !becomesGet });
}

/** Names origins only: paths and queries may hold what nobody should read. */
export function refused(name: string, call: Call, status: number, problem: string): AuthError {
  return new AuthError(
    "ERR_AUTH_INVALID",
    "redirect",
    `${name}: ${call.url.origin} answered ${call.method} with a redirect (${status || "hidden"}) ${problem}. Nothing was sent there; ask the right place in the first place.`,
    { provider: name, status: status || undefined },
  );
}
