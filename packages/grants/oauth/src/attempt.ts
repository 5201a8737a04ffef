import { type GrantContext, isAuthError, toAuthError } from "@auth/core";
import { abortable } from "./abortable.ts";
import {
  comeBackLater,
  type Failure,
  insecure,
  network,
  proxyRefusal,
  redirect,
  timeout,
  tooLarge,
  type Who,
} from "./failures.ts";
import { readBody } from "./read-body.ts";
import { secretsIn } from "./secrets-in.ts";
import type { Answer, Call, Transport } from "./send.ts";
import { isPlain, isSafe } from "./transport.ts";

/** What a call hands its request to. It checks the address, and adds what every request carries. */
export type Send = (
  url: string,
  init: {
    readonly method: string;
    /** Names in lower case. */
    readonly headers: Record<string, string>;
    readonly body?: URLSearchParams | string | undefined;
    readonly redirect: "manual";
  },
) => Promise<Response>;

/** Sends a request once, within so many ms. Throws what no repetition can mend. */
export async function attempt(
  call: Call,
  transport: Transport,
  context: GrantContext,
  limitMs: number,
): Promise<Answer | Failure> {
  const { clock, signal } = context;
  // Tied by hand: a context's signal may outlive many requests, and `AbortSignal.any` would hold on to it.
  const end = new AbortController();
  const leave = (): void => end.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  let sent: { who: Who; at: number; secrets: readonly string[] } | undefined;
  let late = false;
  clock.sleep(limitMs, { signal: end.signal }).then(
    () => {
      late = true;
      end.abort();
    },
    () => {}, // the answer came first
  );
  const send: Send = (address, init) => {
    const url = new URL(address);
    const who = { name: transport.name, endpoint: call.endpoint, origin: url.origin };
    // SEC-20 once more: metadata may name any URL.
    if (!isPlain(url) || !isSafe(url, transport.insecureOrigins)) throw insecure(who);
    const headers = { ...init.headers, accept: "application/json", "cache-control": "no-store" };
    sent = { who, at: clock.now(), secrets: call.secrets ?? secretsIn(headers, init.body) };
    // Frameworks wrap `fetch` in caches; not every runtime knows the option that keeps them out.
    const uncached = "cache" in Request.prototype ? { cache: "no-store" } : {};
    const request = { ...init, headers, signal: end.signal, ...uncached } as RequestInit;
    return abortable(context.fetch(address, request), end.signal);
  };
  try {
    const response = await call.request(send);
    if (!sent) throw new TypeError("nothing was sent");
    const { who, at, secrets } = sent;
    if (response.status === 407) return proxyRefusal(407, who);
    const elsewhere = redirect(response, who);
    if (elsewhere) throw elsewhere;
    const later = comeBackLater(response, clock.now(), who, transport.comeBackMs);
    if (later) return later;
    const body = await readBody(response, transport.maxResponseBytes, end.signal);
    if (!body) throw tooLarge(transport.maxResponseBytes, who);
    const { status, headers } = response;
    return {
      endpoint: who.endpoint,
      origin: who.origin,
      status,
      contentType: headers.get("content-type"),
      body,
      sentAt: at,
      aheadMs: aheadMs(headers.get("date"), at, clock.now()),
      secrets,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    if (isAuthError(thrown)) throw thrown;
    if (!sent) throw toAuthError(thrown, transport.name); // the request could not even be built
    return late ? timeout(limitMs, sent.who) : network(thrown, sent.who);
  } finally {
    signal.removeEventListener("abort", leave);
    end.abort(); // ends the timer, and closes what was not read
  }
}

/**
 * How far this machine's clock is ahead of the server's, in ms; behind it is negative. The server wrote its date (RFC 9110 §6.6.1, in
 * whole seconds) some time between `sentAt` and `now`.
 */
function aheadMs(date: string | null, sentAt: number, now: number): number | undefined {
  const theirs = date?.endsWith(" GMT") ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(theirs)) return undefined;
  return Math.max(0, sentAt - theirs - 1_000) || Math.min(0, now - theirs);
}
