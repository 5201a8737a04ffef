import { AuthError, type AuthErrorCode, type AuthErrorOptions } from "@auth/core";
import { networkWhy } from "@auth/core/network";
import { neverArrived } from "./never-arrived.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { ComeBackMs } from "./send.ts";

/** What became of a request that got no answer worth reading. */
export interface Failure {
  /** Whether the server may have acted on it; `final`: asking again will not help. */
  readonly kind: "notProcessed" | "unknownOutcome" | "final";
  readonly error: AuthError;
}

/** Whom an error speaks of. */
export interface Who {
  /** The grant's name. */
  readonly name: string;
  readonly endpoint: string;
  readonly origin: string;
}

const notProcessed: ReadonlySet<number> = new Set([429, 503]);
const unknownOutcome: ReadonlySet<number> = new Set([500, 502, 504]);
/** L5: the longest wait that anybody is told of. */
const longestShownMs = 3_600_000;

/** An error about one endpoint: who, what, and what to do next. */
export function problem(
  { name, endpoint, origin }: Who,
  code: AuthErrorCode,
  reason: string,
  text: string,
  options: AuthErrorOptions = {},
): AuthError {
  return new AuthError(code, reason, `${name}: the ${endpoint} at ${origin} ${text}`, {
    provider: name,
    ...options,
  });
}

/** SEC-20, at run time. */
export function insecure(who: Who): AuthError {
  return problem(
    who,
    "ERR_AUTH_INVALID",
    "insecure-transport",
    "is no https address, so nothing was sent. Correct the server's metadata, or list the origin in allowInsecureOrigins if the network is closed.",
  );
}

/** SEC-23: a redirect is an answer, and the wrong one. */
export function redirect(response: Response, who: Who): AuthError | undefined {
  const { status } = response;
  if (response.type !== "opaqueredirect" && (status < 300 || status > 399)) return undefined;
  const location = response.headers.get("location");
  const target = location !== null && URL.canParse(location, who.origin) && new URL(location, who.origin);
  return problem(
    who,
    "ERR_AUTH_INVALID",
    "redirect",
    `redirects${target ? ` to ${target.origin}` : ""} (${status}), and redirects are not followed. Configure the final address.`,
    { status },
  );
}

/** Answers that say nothing about the request but to come back later. */
export function comeBackLater(
  response: Response,
  now: number,
  who: Who,
  comeBackMs?: ComeBackMs,
): Failure | undefined {
  const { status, headers, ok } = response;
  const told = retryAfterMs(headers.get("retry-after"), now);
  const asked = ok ? undefined : comeBackMs?.(status, headers, told);
  const wanted = asked !== undefined && asked >= 0 ? asked : undefined; // NaN from a header that is no number
  if (status !== 429 && status < 500 && wanted === undefined) return undefined;
  const unprocessed = notProcessed.has(status);
  const kind =
    unprocessed || wanted !== undefined
      ? "notProcessed"
      : unknownOutcome.has(status)
        ? "unknownOutcome"
        : "final";
  const pause = (unprocessed ? told : undefined) ?? wanted;
  const limited = status === 429 || pause !== undefined;
  const reason = limited ? "rate-limited" : "server-error";
  const what = limited ? "takes no more requests for now" : "failed";
  const retryAfter = pause === undefined ? undefined : Math.min(pause, longestShownMs);
  const error = problem(who, "ERR_AUTH_UNREACHABLE", reason, `${what} (${status}). Try again later.`, {
    status,
    retryAfterMs: retryAfter,
  });
  return { kind, error };
}

/** SEC-30. */
export function malformed(
  flaw: string,
  answer: Omit<Who, "name"> & { status: number },
  name: string,
): AuthError {
  const text = `answered with something that ${flaw}. Check the address; the answer itself is not shown.`;
  const { status } = answer;
  return problem({ name, ...answer }, "ERR_AUTH_INVALID", "malformed-response", text, { status });
}

/** SEC-29. */
export function tooLarge(limit: number, who: Who): AuthError {
  const text = `answered with more than ${limit} bytes; reading stopped there. Check the address, or raise maxResponseBytes.`;
  return problem(who, "ERR_AUTH_INVALID", "response-too-large", text);
}

/** SEC-29. */
export function timeout(limitMs: number, who: Who): Failure {
  const text = `did not answer within ${Math.round(limitMs) / 1000} s. Try again, or raise timeoutMs.`;
  return { kind: "unknownOutcome", error: problem(who, "ERR_AUTH_UNREACHABLE", "timeout", text) };
}

/** L6: what came before has used all of it. */
export function noTime(name: string, endpoint: string): AuthError {
  const text = `${name}: no time was left for the ${endpoint}, so nothing was sent. Try again, or raise the policy's timeoutMs.`;
  return new AuthError("ERR_AUTH_UNREACHABLE", "timeout", text, { provider: name });
}

/** `fetch` gave up: no connection, or one that broke. */
export function network(thrown: unknown, who: Who): Failure {
  const cause = thrown instanceof Error && thrown.cause ? thrown.cause : thrown;
  const status = proxyStatus(cause);
  if (status !== undefined) return proxyRefusal(status, who, cause);
  const why = networkWhy(cause, who.origin);
  const lost = !neverArrived(cause);
  // What undici makes of a 407 without a tunnel: an error that says nothing at all.
  const mute = cause instanceof Error && cause.message === "" && why === "";
  const text = lost
    ? mute
      ? "gave no answer that can be seen: a proxy on the way wants to know who asks (407), or the connection broke. Check the proxy's user and password."
      : `broke the connection before it had answered${why}. Try again${who.origin.startsWith("http:") ? "; or perhaps that port wants https" : ""}.`
    : `cannot be reached${why}. Check the network, the name and the certificate.`;
  return {
    kind: lost ? "unknownOutcome" : "notProcessed",
    error: problem(who, "ERR_AUTH_UNREACHABLE", "network", text, { cause }),
  };
}

/** How undici says that a proxy refused the tunnel. The status is all that is taken from its words. */
function proxyStatus(cause: unknown): number | undefined {
  for (let error = cause, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth++) {
    const [, status] = /^Proxy response \((\d{3})\) !== 200 when HTTP Tunneling$/.exec(error.message) ?? [];
    if (status) return Number(status);
  }
  return undefined;
}

/** A proxy on the way has answered in the server's place, which has seen nothing. */
export function proxyRefusal(status: number, who: Who, cause?: unknown): Failure {
  const wants =
    "the proxy wants to know who asks. Put user and password into the proxy's URL: http://user:password@proxy:port";
  const text = `cannot be reached (${status} from the proxy): ${status === 407 ? wants : "the proxy lets nothing through. Check its rules and its address"}.`;
  return {
    kind: status === 407 ? "final" : "notProcessed",
    error: problem(who, "ERR_AUTH_UNREACHABLE", "network", text, { status, cause }),
  };
}
